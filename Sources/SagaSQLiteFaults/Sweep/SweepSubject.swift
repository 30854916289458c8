import SagaCore
import SagaRuntime

/// What a sweep runs: machines, who answers their commands, and the messages that come in.
public struct SweepSubject: Sendable {
  public var name: String
  public var machines: [Machine]
  public var scenario: Scenario?
  /// In the order in which they arrive, each at its own `time` or as soon as the one before.
  public var messages: [IncomingMessage]

  public init(name: String, machines: [Machine], scenario: Scenario?, messages: [IncomingMessage]) {
    self.name = name
    self.machines = machines
    self.scenario = scenario
    self.messages = messages
  }

  /// Limits small enough for a short run to fold, spill ids, evict instances, checkpoint and fill its lanes' windows.
  static func configuration(_ scenario: Scenario?) -> EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.maximumBatch = 2
    configuration.cascadeLimit = 2
    configuration.inlineSeenIDs = 2
    configuration.maximumHotInstances = 2
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
