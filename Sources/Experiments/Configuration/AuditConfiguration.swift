import Auditing
import OrderedJSON

/// The audit by fresh adversaries at the end of a run.
public struct AuditConfiguration: Sendable, Equatable {
  /// Whether the run is audited; where the file does not say, or says null, it is where there are constraints.
  public var enabled: Bool? = false

  /// The most rows that are audited; of more a seeded sample is drawn.
  public var rows = AuditSettings().rowLimit

  /// The permutations behind each p-value.
  public var permutations = AuditSettings().permutations

  /// The level that corrected p-values are held against.
  public var level = AuditSettings().level

  /// The seed of folds, adversaries and permutations.
  public var seed = 0

  public init() {}

  /// How the audit is made.
  ///
  /// - Parameter confidence: Of the intervals, inside 0...1.
  public func settings(confidence: Double) -> AuditSettings {
    AuditSettings(
      permutations: permutations, level: level, confidence: confidence, rowLimit: rows, seed: UInt64(seed))
  }
}

extension AuditConfiguration {
  private typealias Field = ConfigurationField<AuditConfiguration>

  static let section = ConfigurationSection<AuditConfiguration>(
    defaults: AuditConfiguration(),
    fields: [
      Field(
        "enabled", \.enabled, .optional(.boolean, sample: true),
        "Whether new adversaries try at the end of a run to read the sensitive attributes off the model, on rows that "
          + "it was not trained on. Left out or null: where there are constraints; to a plain game, which takes about a "
          + "second, it would add more than its own time."),
      Field(
        "rows", \.rows, .integer(100...10_000_000),
        "The most rows that are audited; of more, a sample. The search for nearest neighbours takes time in proportion "
          + "to their square."),
      Field(
        "permutations", \.permutations, .integer(99...10_000_000),
        "The permutations behind each p-value: with B of them no p-value is below 1/(1 + B)."),
      Field(
        "level", \.level, .number(.open(0, 1)),
        "An attribute counts as read where a p-value, corrected over all adversaries, lies below this level."),
      Field("seed", \.seed, .integer(0...ExperimentConfiguration.largestSeed), "The seed of the audit."),
    ])
}
