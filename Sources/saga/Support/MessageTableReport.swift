import SagaCore
import SagaRuntime

/// What becomes of every message in every state, as a matrix for people or a row each for machines.
enum MessageTableReport {
  static func print(_ loaded: LoadedDefinition, json: Bool) {
    for machine in loaded.machines {
      let table = MessageTable(machine)
      if json {
        for row in table.rows { Console.print(self.json(row, machine.identity)) }
      } else {
        Console.print("\n\(Console.styled("\(Text.name(machine.identity)): messages by state", .bold))")
        Console.print(matrix(table))
      }
    }
  }

  private static func matrix(_ table: MessageTable) -> String {
    var states: [String] = []
    var types: [String] = []
    for row in table.rows {
      if !states.contains(row.state) { states.append(row.state) }
      if !types.contains(row.type) { types.append(row.type) }
    }
    let rows = types.map { type in
      [Console.Cell(Text.safe(type))]
        + states.map { state in table.rows.first { $0.state == state && $0.type == type }.map(cell) ?? "" }
    }
    return Console.table(rows, header: ["MESSAGE"] + states.map { Text.safe($0) })
  }

  private static func cell(_ row: MessageTable.Row) -> Console.Cell {
    let text = row.otherwise.map { "\(row.outcome.rawValue), else \($0.rawValue)" } ?? row.outcome.rawValue
    switch row.outcome {
    case .handled: return Console.Cell(text, .green)
    case .deferred: return Console.Cell(text)
    case .late, .foreign: return Console.Cell(text, .dim)
    case .rejected: return Console.Cell(text, .red)
    }
  }

  private static func json(_ row: MessageTable.Row, _ machine: MachineIdentity) -> JSON {
    [
      "saga": .string(machine.saga), "role": .string(machine.role), "state": .string(row.state),
      "message": .string(row.type), "outcome": .string(row.outcome.rawValue),
      "otherwise": (row.otherwise?.rawValue).json, "declared": .bool(row.isDeclared),
    ]
  }
}
