#if SAGA_MUTANTS
  import SagaCore

  /// The deliberate bugs of this build: what each breaks, what should notice it, and which saga it needs.
  enum MutantList {
    static func print(json: Bool) {
      guard !json else {
        for mutant in Mutant.allCases {
          Console.print([
            "name": .string(mutant.rawValue), "breaks": .string(mutant.breaks), "oracle": .string(mutant.oracle),
            "saga": mutant.saga.map { .string($0) } ?? .null,
          ])
        }
        return
      }
      Console.print(
        Console.table(
          Mutant.allCases.map { [$0.rawValue, $0.breaks, $0.oracle].map { Console.Cell($0) } },
          header: ["mutant", "what it breaks", "oracle"]))
    }
  }
#endif
