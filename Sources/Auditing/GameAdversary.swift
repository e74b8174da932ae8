/// What is known of the adversary that took part in the training, for one sensitive attribute on the audited rows.
public struct GameAdversary: Sendable {
  /// How the adversary did.
  public enum Evidence: Sendable {
    /// Its outputs: of two groups one array, the score of the group with the greater code; of more groups one array for
    /// each, in the order of the codes. Each holds n scores.
    case scores([[Float]])
    /// Its ROC AUC alone, in 0...1; of several groups the unweighted mean of one against the rest.
    case area(Double)
  }

  /// The name of the attribute.
  public var attribute: String

  public var evidence: Evidence

  public init(attribute: String, evidence: Evidence) {
    self.attribute = attribute
    self.evidence = evidence
  }
}
