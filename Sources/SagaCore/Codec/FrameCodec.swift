extension ByteWriter {
  mutating func write(_ frame: Frame) {
    switch frame {
    case .ready(let node, let problem):
      write(byte: 0)
      write(node)
      write(problem) { $0.write($1) }
    case .sequence(let node, let position, let child, let owed):
      write(byte: 1)
      write(node)
      write(position)
      write(child)
      write(owed) { $0.write($1) }
    case .call(let call):
      write(byte: 2)
      write(call)
    case .forEach(let node, let items, let next, let active, let owed):
      write(byte: 3)
      write(node)
      write(items) { $0.write($1) }
      write(next)
      write(active) {
        $0.write($1.index)
        $0.write($1.frame)
      }
      write(owed) { $0.write($1) }
    case .parallel(let node, let branches, let owed):
      write(byte: 4)
      write(node)
      write(branches) { $0.write($1) { $0.write($1) } }
      write(owed) { $0.write($1) }
    case .choose(let node, let branch, let child):
      write(byte: 5)
      write(node)
      write(branch)
      write(child)
    case .attempt(let node, let child):
      write(byte: 6)
      write(node)
      write(child)
    case .recovering(let node, let tree, let failure):
      write(byte: failure == nil ? 7 : 10)
      write(node)
      write(tree)
      if let failure { write(failure) }
    case .catching(let node, let child, let failure):
      write(byte: failure == nil ? 8 : 11)
      write(node)
      write(child)
      if let failure { write(failure) }
    case .finished(let owed, let problem):
      write(byte: 9)
      write(owed) { $0.write($1) }
      write(problem) { $0.write($1) }
    }
  }

  mutating func write(_ call: Call) {
    write(call.number)
    write(call.node)
    write(call.indexes) { $0.write($1) }
    write(call.item) { $0.write($1) }
    write(call.visit)
    write(call.round)
    write(call.attempt)
    write(call.idempotencyKey)
    write(call.unsettled) {
      $0.write($1.round)
      $0.write($1.key)
    }
    write(call.hasTimedOut)
    switch call.phase {
    case .waiting: write(byte: 0)
    case .backingOff: write(byte: 1)
    case .repeating: write(byte: 2)
    case .settling: write(byte: 3)
    case .answered(let event):
      write(byte: 4)
      write(event)
    case .failed(let failure, let isUnknown):
      write(byte: 5)
      write(failure)
      write(isUnknown)
    case .stuck(let reason):
      write(byte: 6)
      write(reason)
    }
  }

  mutating func write(_ owed: Owed) {
    switch owed {
    case .undo(let undo):
      write(byte: 0)
      write(undo)
    case .sequence(let items):
      write(byte: 1)
      write(items) { $0.write($1) }
    case .concurrent(let items, let limit):
      write(byte: 2)
      write(items) { $0.write($1) }
      write(limit)
    }
  }

  mutating func write(_ undo: OwedUndo) {
    write(undo.node)
    write(undo.indexes) { $0.write($1) }
    write(undo.item) { $0.write($1) }
    write(undo.visit)
    write(undo.round)
    write(undo.actionKey)
    write(undo.event) { $0.write($1) }
    write(undo.isUnknown)
    write(undo.repetition)
    switch undo.phase {
    case .settling(let call):
      write(byte: 0)
      write(call)
    case .owed: write(byte: 1)
    case .undoing(let call):
      write(byte: 2)
      write(call)
    case .stuck(let reason):
      write(byte: 3)
      write(reason)
    }
  }
}

extension ByteReader {
  mutating func frame() throws(DecodingFault) -> Frame {
    try nested { reader throws(DecodingFault) in try reader.frameValue() }
  }

  private mutating func frameValue() throws(DecodingFault) -> Frame {
    switch try byte() {
    case 0:
      let node = try int()
      return .ready(node: node, problem: try problem())
    case 1:
      let node = try int()
      let position = try int()
      let child = try frame()
      return .sequence(node: node, position: position, child: child, owed: try owedList())
    case 2: return .call(try call())
    case 3:
      let node = try int()
      let items = try list { reader throws(DecodingFault) in try reader.json() }
      let next = try int()
      let active = try list { reader throws(DecodingFault) in
        let index = try reader.int()
        return IndexedFrame(index: index, frame: try reader.frame())
      }
      return .forEach(node: node, items: items, next: next, active: active, owed: try owedList())
    case 4:
      let node = try int()
      let branches = try list { reader throws(DecodingFault) in
        try reader.optional { reader throws(DecodingFault) in try reader.frame() }
      }
      return .parallel(node: node, branches: branches, owed: try owedList())
    case 5:
      let node = try int()
      let branch = try int()
      return .choose(node: node, branch: branch, child: try frame())
    case 6:
      let node = try int()
      return .attempt(node: node, child: try frame())
    case 7:
      let node = try int()
      return .recovering(node: node, tree: try owed(), failure: nil)
    case 8:
      let node = try int()
      return .catching(node: node, child: try frame(), failure: nil)
    case 9:
      let owed = try owedList()
      return .finished(owed: owed, problem: try problem())
    case 10:
      let node = try int()
      let tree = try owed()
      return .recovering(node: node, tree: tree, failure: try failure())
    case 11:
      let node = try int()
      let child = try frame()
      return .catching(node: node, child: child, failure: try failure())
    case let other: throw fault("unknown frame \(other)")
    }
  }

  private mutating func problem() throws(DecodingFault) -> String? {
    try optional { reader throws(DecodingFault) in try reader.string() }
  }

  private mutating func owedList() throws(DecodingFault) -> [Owed] {
    try list { reader throws(DecodingFault) in try reader.owed() }
  }

  private mutating func indexes() throws(DecodingFault) -> [Int] {
    try list { reader throws(DecodingFault) in try reader.int() }
  }

  private mutating func item() throws(DecodingFault) -> JSON? {
    try optional { reader throws(DecodingFault) in try reader.json() }
  }

  mutating func call() throws(DecodingFault) -> Call {
    let number = try int64()
    let node = try int()
    let indexes = try indexes()
    let item = try item()
    let visit = try int64()
    let round = try int64()
    let attempt = try int64()
    let key = try hash()
    let unsettled = try list { reader throws(DecodingFault) in
      let round = try reader.int64()
      return UnsettledVisit(round: round, key: try reader.hash())
    }
    let hasTimedOut = try bool()
    let phase: Call.Phase
    switch try byte() {
    case 0: phase = .waiting
    case 1: phase = .backingOff
    case 2: phase = .repeating
    case 3: phase = .settling
    case 4: phase = .answered(try event())
    case 5:
      let failure = try failure()
      phase = .failed(failure, isUnknown: try bool())
    case 6: phase = .stuck(try string())
    case let other: throw fault("unknown phase \(other)")
    }
    return Call(
      number: number, node: node, indexes: indexes, item: item, visit: visit, round: round, attempt: attempt,
      idempotencyKey: key, unsettled: unsettled, hasTimedOut: hasTimedOut, phase: phase)
  }

  mutating func owed() throws(DecodingFault) -> Owed {
    try nested { reader throws(DecodingFault) in try reader.owedValue() }
  }

  private mutating func owedValue() throws(DecodingFault) -> Owed {
    switch try byte() {
    case 0: return .undo(try owedUndo())
    case 1: return .sequence(try owedList())
    case 2:
      let items = try owedList()
      return .concurrent(items, limit: try int())
    case let other: throw fault("unknown owed form \(other)")
    }
  }

  mutating func owedUndo() throws(DecodingFault) -> OwedUndo {
    let node = try int()
    let indexes = try indexes()
    let item = try item()
    let visit = try int64()
    let round = try int64()
    let key = try hash()
    let event = try optional { reader throws(DecodingFault) in try reader.event() }
    let isUnknown = try bool()
    let repetition = try int64()
    let phase: OwedUndo.Phase
    switch try byte() {
    case 0: phase = .settling(try call())
    case 1: phase = .owed
    case 2: phase = .undoing(try call())
    case 3: phase = .stuck(try string())
    case let other: throw fault("unknown phase \(other)")
    }
    return OwedUndo(
      node: node, indexes: indexes, item: item, visit: visit, round: round, actionKey: key, event: event,
      isUnknown: isUnknown, repetition: repetition, phase: phase)
  }
}
