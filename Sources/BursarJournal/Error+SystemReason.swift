import Foundation

extension Error {
    /// What the system said of a file or a process: "No space left on device". The library's sentence around it is longer and says less.
    public var systemReason: String {
        let error = self as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(CInt(cause.code)))
    }
}
