import RunRecords

/// What the store knows of a run besides its configuration and its results.
public struct RunEntry: Sendable, Equatable {
  /// How far a run is.
  public enum Status: String, CaseIterable, Sendable {
    /// Its process is at work.
    case running
    /// It came to its end.
    case finished
    /// A callback or a signal ended it early; its records are whole.
    case stopped
    /// Its process ended before the run did.
    case unfinished
  }

  /// The process that trains.
  public struct Worker: Sendable, Equatable {
    public var host: String
    public var process: Int

    public init(host: String, process: Int) {
      self.host = host
      self.process = process
    }
  }

  /// The run's folder, beginning at the folder of the runs: `adult/20260131-120000-1a2b3c`.
  public var path: String

  /// The name of the experiment.
  public var name: String

  public var seed: Int

  public var status: Status

  public var identity: RunIdentity

  /// When it started, in UTC: `2026-01-31T12:00:00Z`.
  public var started: String

  /// How long it took, in seconds; nil before its end.
  public var seconds: Double?

  /// The version of Equipoise.
  public var version: String

  /// Who works at it; nil where that is not known any more.
  public var worker: Worker?

  public init(
    path: String, name: String, seed: Int, status: Status, identity: RunIdentity, started: String,
    seconds: Double? = nil, version: String, worker: Worker? = nil
  ) {
    self.path = path
    self.name = name
    self.seed = seed
    self.status = status
    self.identity = identity
    self.started = started
    self.seconds = seconds
    self.version = version
    self.worker = worker
  }

  /// The run of a folder that has just been made.
  public init(
    path: String, configuration: ResolvedConfiguration, environment: EnvironmentRecord, status: Status,
    worker: Worker? = nil
  ) {
    self.init(
      path: path, name: configuration.name, seed: configuration.seed, status: status,
      identity: RunIdentity(configuration: configuration.json, sources: environment.data),
      started: environment.started, version: environment.version, worker: worker)
  }
}
