import SagaCore
import Testing

@testable import SagaRuntime

@Suite("The report about many instances")
struct BulkReportTests {
  private func refuse(_ reason: Int, _ key: String, _ report: inout BulkReport) {
    let fault = MessageFault(code: "test.reason", message: "\(key) has reason number \(reason)")
    report.add(InstanceAddress(saga: "parcel", key: key), .refused(fault))
  }

  @Test("tells a hundred reasons apart and counts what refuses for others under a reason that says so, at the end")
  func otherReasons() throws {
    var report = BulkReport()
    let limit = BulkReport.maximumReasons
    for reason in 0..<limit + 7 { refuse(reason, "k\(reason)", &report) }
    refuse(3, "again", &report)
    #expect(report.refused == limit + 8)
    #expect(report.count == limit + 8)
    let refusals = report.refusals
    #expect(refusals.count == limit + 1)
    #expect(refusals.first?.fault.message == "… has reason number 3")
    #expect(refusals.first?.count == 2)
    #expect(refusals.dropFirst().dropLast().allSatisfy { $0.fault.code == "test.reason" && $0.count == 1 })
    let other = try #require(refusals.last)
    #expect(other.fault.code == BulkReport.otherReasons)
    #expect(other.fault.message.contains("\(limit)"))
    #expect(other.count == 7)
    #expect(other.examples.map(\.key) == (limit..<limit + BulkReport.maximumExamples).map { "k\($0)" })
  }

  @Test("has no such reason where all are told apart")
  func noOtherReasons() {
    var report = BulkReport()
    for reason in 0..<BulkReport.maximumReasons { refuse(reason, "k\(reason)", &report) }
    #expect(report.refusals.count == BulkReport.maximumReasons)
    #expect(report.refusals.allSatisfy { $0.fault.code == "test.reason" })
  }
}
