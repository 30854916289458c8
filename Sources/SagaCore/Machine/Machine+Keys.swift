extension Machine {
  /// The types that find their instance by a value recorded with `correlate`, in order of their names.
  public var correlatedTypes: [String] {
    model.messages.values.compactMap { message in
      if case .named = message.key { message.type } else { nil }
    }.sorted()
  }
}
