import Testing

@testable import SagaSQLiteFaults

@Suite("A simulated disk")
struct SimulatedDiskTests {
  private func file(_ disk: inout SimulatedDisk, _ path: String = "/f") -> Int {
    let number = disk.create(path)
    disk.syncNames()
    return number
  }

  private func write(_ disk: inout SimulatedDisk, _ number: Int, _ bytes: [UInt8], at offset: Int = 0) {
    bytes.withUnsafeBytes { disk.write(number, $0, at: offset) }
  }

  @Test("reads back what was written, holes as zeros, and nothing behind a truncated end")
  func contents() {
    var disk = SimulatedDisk()
    let number = file(&disk)
    write(&disk, number, [1, 2, 3], at: 4095)
    #expect(disk.contents("/f") == [UInt8](repeating: 0, count: 4095) + [1, 2, 3])
    disk.resize(number, to: 4096)
    disk.resize(number, to: 4098)
    #expect(disk.contents("/f")?.suffix(3) == [1, 0, 0])
    #expect(disk.contents("/g") == nil)
  }

  @Test("loses what was not synced, and its name with it")
  func lost() {
    var disk = SimulatedDisk()
    let number = disk.create("/f")
    write(&disk, number, [1])
    disk.sync(number)
    // The directory was not synced: the file is there and nobody finds it.
    #expect(disk.afterPowerLoss(.lost).paths.isEmpty)
    disk.syncNames()
    write(&disk, number, [2])
    #expect(disk.afterPowerLoss(.lost).contents("/f") == [1])
    #expect(disk.afterPowerLoss(.kept).contents("/f") == [2])
    let isRemoved = disk.remove("/f")
    #expect(isRemoved)
    #expect(disk.paths.isEmpty)
    #expect(disk.afterPowerLoss(.lost).contents("/f") == [1])
    disk.syncNames()
    #expect(disk.afterPowerLoss(.lost).paths.isEmpty)
  }

  @Test("keeps copies apart")
  func copies() {
    var disk = SimulatedDisk()
    let number = file(&disk)
    write(&disk, number, [UInt8](repeating: 1, count: 10_000))
    let before = disk
    write(&disk, number, [2], at: 5000)
    #expect(before.contents("/f")?[5000] == 1)
    #expect(disk.contents("/f")?[5000] == 2)
    #expect(before.unsyncedChanges == 1 && disk.unsyncedChanges == 2)
  }

  @Test("keeps a prefix in the order of the writes, whatever file they are in")
  func prefix() {
    var disk = SimulatedDisk()
    let (a, b) = (file(&disk, "/a"), file(&disk, "/b"))
    write(&disk, a, [1])
    write(&disk, b, [2])
    write(&disk, a, [3])
    let states = (0...3).map { lost -> [[UInt8]?] in
      let left = disk.afterPowerLoss(.prefix) { count, _ in
        #expect(count == 4)
        return lost
      }
      return [left.contents("/a"), left.contents("/b")]
    }
    #expect(states == [[[3], [2]], [[1], [2]], [[1], []], [[], []]])
  }

  @Test("tears the write after the prefix in the middle")
  func torn() {
    var disk = SimulatedDisk()
    let number = file(&disk)
    write(&disk, number, [UInt8](repeating: 1, count: 1024))
    disk.sync(number)
    write(&disk, number, [UInt8](repeating: 2, count: 1024))
    let head = disk.afterPowerLoss(.torn) { _, label in "\(label)" == "how many changes are lost" ? 1 : 0 }
    #expect(head.contents("/f") == [UInt8](repeating: 2, count: 512) + [UInt8](repeating: 1, count: 512))
    let tail = disk.afterPowerLoss(.torn) { _, label in "\(label)" == "where a write is torn" ? 0 : 1 }
    #expect(tail.contents("/f") == [UInt8](repeating: 1, count: 512) + [UInt8](repeating: 2, count: 512))
  }

  @Test("keeps any sectors of any writes when they are reordered")
  func reordered() {
    var disk = SimulatedDisk()
    let number = file(&disk)
    write(&disk, number, [1, 1])
    write(&disk, number, [UInt8](repeating: 2, count: 1536), at: 512)
    var answers = [1, 2, 0, 1, 0]
    let left = disk.afterPowerLoss(.reordered) { _, _ in answers.removeFirst() }
    let expected = [512: UInt8(2), 1024: 0, 1536: 2].sorted { $0.key < $1.key }.flatMap {
      [UInt8](repeating: $0.value, count: 512)
    }
    #expect(left.contents("/f") == [UInt8](repeating: 0, count: 512) + expected)
  }

  @Test("does not make durable what a failed sync gave up, until it is written again")
  func failedSync() {
    var disk = SimulatedDisk()
    let number = file(&disk)
    write(&disk, number, [1], at: 0)
    write(&disk, number, [1], at: 4096)
    disk.failSync(number)
    #expect(disk.contents("/f")?.count == 4097)
    write(&disk, number, [2], at: 4097)
    disk.sync(number)
    // The second page was dirty again, whole; the first one is lost for ever.
    let left = disk.afterPowerLoss(.lost).contents("/f")
    #expect(left?[0] == 0 && left?.suffix(2) == [1, 2])
    #expect(disk.contents("/f")?[0] == 1)
    #expect(disk.afterPowerLoss(.kept).contents("/f")?[0] == 1)
  }
}
