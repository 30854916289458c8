import SagaCore
import Testing

@Suite("What a simulation has reached") struct CoverageReportTests {
  @Test("is told with what no engine had to do, and counted in JSON")
  func work() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let arguments = ["simulate", "orders.json", "--seeds", "5", "--faults", "none"]
    let told = try world.saga(arguments)
    told.expectDone()
    let line = try #require(told.output.split(separator: "\n").first { $0.hasPrefix("In no world: ") })
    #expect(line.contains("a service died"))
    #expect(line.contains("an instance was moved to another version"))
    #expect(!line.contains("a row was committed"))
    let work = try #require(try world.saga(arguments + ["--json"]).json().first?["work"]?.objectValue)
    for name in ["rows", "sent"] { #expect((work[name]?.intValue ?? 0) > 0, "\(name)") }
    for name in ["crashes", "fencedZombies", "migrations"] { #expect(work[name] == 0, "\(name)") }
    for name in ["firedTimers", "maintained", "swept"] { #expect(work[name] != nil, "\(name)") }
  }
}
