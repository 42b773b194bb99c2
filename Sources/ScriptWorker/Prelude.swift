/// Our Lua, in the order it is loaded: each file uses names of those before it. Compiled in, for the worker has no files.
enum Prelude {
    static let files: [(name: String, source: [UInt8])] = [
        ("errors", PackageResources.errors_lua),
        ("tasks", PackageResources.tasks_lua),
        ("coroutines", PackageResources.coroutines_lua),
        ("values", PackageResources.values_lua),
        ("order", PackageResources.order_lua),
        ("money", PackageResources.money_lua),
        ("sources", PackageResources.sources_lua),
        ("loops", PackageResources.loops_lua),
        ("json", PackageResources.json_lua),
        ("calls", PackageResources.calls_lua),
        ("modules", PackageResources.modules_lua),
        ("events", PackageResources.events_lua),
        ("globals", PackageResources.globals_lua),
        ("main", PackageResources.main_lua),
    ]
}
