import FairnessMetrics

/// What one fresh adversary read off one view.
public struct FreshAdversaryResult: Sendable, Hashable, Codable {
  /// Another adversary's result.
  public struct Source: Sendable, Hashable, Codable {
    public var view: String
    public var family: String

    public init(view: String, family: String) {
      self.view = view
      self.family = family
    }
  }

  /// The area of one group against all others.
  public struct GroupArea: Sendable, Hashable, Codable {
    public var group: String
    public var area: AreaEstimate

    public init(group: String, area: AreaEstimate) {
      self.group = group
      self.area = area
    }
  }

  /// How far the fresh adversary's area lies above that of the game's own.
  public struct Advantage: Sendable, Hashable, Codable {
    /// Fresh minus own.
    public var difference: Double
    public var interval: Interval
    /// The chance of so great a difference between adversaries that are equally strong, one-sided, after Holm's
    /// correction over the adversaries on the views that the game's own could see; uncorrected on other views.
    public var pValue: Double

    public init(difference: Double, interval: Interval, pValue: Double) {
      self.difference = difference
      self.interval = interval
      self.pValue = pValue
    }
  }

  /// The view's name.
  public var view: String

  /// Whether the game's own adversary could have read the view.
  public var isSeenByGame: Bool

  /// The family's name.
  public var family: String

  /// The result that this one equals by necessity, so that nothing was trained twice: trees see a column's order only,
  /// which a logit shares with its probability, and of two distinct values every family makes the same.
  public var sameAs: Source?

  /// The ROC AUC of out-of-fold scores; of more than two groups the unweighted mean of each against the rest.
  public var area: AreaEstimate

  /// Of more than two groups, the areas of each against the rest.
  public var groups: [GroupArea]

  /// The p-value of the permutation test that the attribute cannot be read off the view; see `ForwardPermutationTest`.
  public var pValue: Double?

  /// The p-value after Holm's correction over all adversaries and views of the attribute.
  public var correctedPValue: Double?

  /// The comparison with the game's own adversary; nil where nothing is known of that.
  public var advantage: Advantage?

  public init(
    view: String, isSeenByGame: Bool, family: String, sameAs: Source?, area: AreaEstimate, groups: [GroupArea],
    pValue: Double?, correctedPValue: Double?, advantage: Advantage?
  ) {
    self.view = view
    self.isSeenByGame = isSeenByGame
    self.family = family
    self.sameAs = sameAs
    self.area = area
    self.groups = groups
    self.pValue = pValue
    self.correctedPValue = correctedPValue
    self.advantage = advantage
  }
}
