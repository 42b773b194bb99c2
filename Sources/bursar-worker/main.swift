// The script's process. It gives up all it does not need, and then runs one script between two pipes.
internal import CLuaShims
internal import Glibc
internal import ScriptWire
internal import ScriptWorker

guard bursar_confine() else { exit(WorkerExit.notConfined.rawValue) }
exit(ScriptWorker.run(in: 0, out: 1).rawValue)
