/// Rounds of one measurement.
struct Samples {
  private(set) var values: [Double] = []

  init(_ values: [Double] = []) { self.values = values }

  mutating func append(_ value: Double) { values.append(value) }

  var isEmpty: Bool { values.isEmpty }

  var median: Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Half of the distance between the extremes, relative to the median.
  var spread: Double {
    guard let least = values.min(), let greatest = values.max(), median > 0 else { return 0 }
    return (greatest - least) / 2 / median
  }
}

/// What one line of a table is about.
struct Measurement {
  var name: String
  var unit: String
  var samples = Samples()
}

/// A table of the report.
struct Section {
  /// Of the list in the JSON object.
  var id: String
  var title: String
  var measurements: [Measurement]
  /// How it was measured, where the title does not say so.
  var notes: [String] = []

  /// Takes each measurement as often as there are rounds, in turn, so that a machine that drifts drifts for all.
  init(
    id: String, title: String, rounds: Int, notes: [String] = [],
    _ measurements: [(name: String, unit: String, measure: () throws -> Double)]
  ) throws {
    self.init(id: id, title: title, measurements.map { Measurement(name: $0.name, unit: $0.unit) }, notes: notes)
    for _ in 1...rounds {
      for (index, measurement) in measurements.enumerated() {
        self.measurements[index].samples.append(try measurement.measure())
      }
    }
  }

  init(id: String, title: String, _ measurements: [Measurement], notes: [String] = []) {
    self.id = id
    self.title = title
    self.measurements = measurements
    self.notes = notes
  }
}
