import SagaCore
import SagaRuntime

/// What a sweep runs: machines, who answers their commands, and the messages that come in.
public struct SweepSubject: Sendable {
  /// Tells subjects apart, for people.
  public var name: String
  /// What runs.
  public var machines: [Machine]
  /// How the participants answer; with nil nobody does.
  public var scenario: Scenario?
  /// In the order in which they arrive, each at its own `time` or as soon as the one before.
  public var messages: [IncomingMessage]

  /// - Parameters:
  ///   - name: tells subjects apart, for people.
  ///   - machines: what runs.
  ///   - scenario: how the participants answer; with nil nobody does.
  ///   - messages: to these come one that is none, in the second place, and the first once more, at the end.
  public init(name: String, machines: [Machine], scenario: Scenario?, messages: [IncomingMessage]) {
    self.name = name
    self.machines = machines
    self.scenario = scenario
    var script = messages
    script.insert(IncomingMessage(bytes: Array("{\"nonsense".utf8)), at: min(1, script.count))
    script += messages.prefix(1)
    self.messages = script
  }

  /// Limits small enough for a short run to fold, spill ids, evict instances, checkpoint and fill its lanes' windows.
  static func configuration(_ scenario: Scenario?) -> EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.maximumBatch = 2
    configuration.cascadeLimit = 2
    configuration.inlineSeenIDs = 2
    configuration.hotInstanceBytes = 4096
    configuration.maximumFingerprints = 2
    configuration.foldThreshold = 6
    configuration.foldSpan = 4
    configuration.maxUnfoldedRows = 12
    configuration.idleFoldInstances = 2
    configuration.timerHorizonMilliseconds = 60_000
    configuration.timerPage = 4
    configuration.relayWindow = 6
    configuration.relayPage = 4
    configuration.checkpointFrames = 24
    configuration.checkpointFramesFull = 40
    configuration.lanes = { message in scenario?.answers(message) ?? false ? [ScriptedRun.participantsLane] : ["output"]
    }
    return configuration
  }
}
