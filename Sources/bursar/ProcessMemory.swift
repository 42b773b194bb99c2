import Foundation

/// How the C library treats memory that was freed.
enum ProcessMemory {
    // As <malloc.h> has them, which Swift does not see.
    private static let trimThreshold: CInt = -1
    private static let mapThreshold: CInt = -3

    /// From now on what was used once stays with the program. A busy run uses it again in a moment, and a tenth of its time went into
    /// giving it back to the system and getting it again. Where the library knows no such thing, nothing happens.
    static func keep() {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "mallopt") else { return }
        // C declares it as int mallopt(int, int): the symbol is a function of this type.
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
        _ = mallopt(trimThreshold, 64 << 20)
        _ = mallopt(mapThreshold, 16 << 20)
    }
}
