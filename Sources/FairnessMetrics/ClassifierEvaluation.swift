/// How a classifier does on one set of rows, as a whole and group by group; of two classes at one decision threshold.
///
/// Where the label has several classes or is a number, `classes` or `regression` has the statistics of that kind. What
/// needs a positive class is undefined then, and says why.
///
/// An aggregate never stands without its groups: every value here that is about all rows has its counterpart for each
/// group of each sensitive attribute.
public struct ClassifierEvaluation: Sendable, Hashable {
  /// The number of rows, n.
  public var rows: Int

  /// The decision threshold in 0...1: a row is selected when its score is greater than or equal to it. Means
  /// nothing where `classes` or `regression` is there.
  public var threshold: Double

  /// The share of rows whose decision equals the label.
  public var accuracy: MetricValue

  /// The area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half.
  public var rocAUC: MetricValue

  /// P(ŷ = 1), the share of rows that are selected.
  public var selectionRate: MetricValue

  /// The same by sensitive attribute, in the order of the configuration.
  public var attributes: [AttributeEvaluation]

  /// How the scores depend on the continuous attributes, which have no groups.
  public var continuous: [ContinuousEvaluation] = []

  /// Each class against the rest, where the label has several; nil otherwise.
  public var classes: MulticlassEvaluation?

  /// The errors of a predicted number; nil where the label has classes.
  public var regression: RegressionEvaluation?

  public init(
    rows: Int, threshold: Double, accuracy: MetricValue, rocAUC: MetricValue, selectionRate: MetricValue,
    attributes: [AttributeEvaluation]
  ) {
    self.rows = rows
    self.threshold = threshold
    self.accuracy = accuracy
    self.rocAUC = rocAUC
    self.selectionRate = selectionRate
    self.attributes = attributes
  }
}

/// How a classifier treats the groups of one sensitive attribute.
public struct AttributeEvaluation: Sendable, Hashable {
  /// The attribute's name.
  public var name: String

  /// The smallest selection rate over the largest, in 0...1.
  public var pPercentRule: MetricValue

  /// The largest selection rate minus the smallest, in 0...1.
  public var demographicParityDifference: MetricValue

  /// The larger of the gaps between groups in true and in false positive rate, in 0...1.
  public var equalizedOddsDifference: MetricValue

  /// The largest true positive rate minus the smallest, in 0...1.
  public var equalOpportunityDifference: MetricValue

  /// How well an adversary told the groups apart from the predictions, as ROC AUC; nil where none was asked.
  public var adversaryAUC: MetricValue?

  /// The groups, in the order of the data set's list of them; rows without a group are in none.
  public var groups: [GroupEvaluation]

  /// The number of rows whose value of the attribute is missing.
  public var missingRows: Int

  public init(
    name: String, pPercentRule: MetricValue, demographicParityDifference: MetricValue,
    equalizedOddsDifference: MetricValue, equalOpportunityDifference: MetricValue, adversaryAUC: MetricValue? = nil,
    groups: [GroupEvaluation], missingRows: Int = 0
  ) {
    self.name = name
    self.pPercentRule = pPercentRule
    self.demographicParityDifference = demographicParityDifference
    self.equalizedOddsDifference = equalizedOddsDifference
    self.equalOpportunityDifference = equalOpportunityDifference
    self.adversaryAUC = adversaryAUC
    self.groups = groups
    self.missingRows = missingRows
  }
}

/// The rates of one group of one sensitive attribute.
public struct GroupEvaluation: Sendable, Hashable {
  /// The group's name, as in the data.
  public var name: String

  /// The number of rows in the group.
  public var rows: Int

  /// P(ŷ = 1 | z).
  public var selectionRate: MetricValue

  /// P(ŷ = 1 | y = 1, z).
  public var truePositiveRate: MetricValue

  /// P(ŷ = 1 | y = 0, z).
  public var falsePositiveRate: MetricValue

  public init(
    name: String, rows: Int, selectionRate: MetricValue, truePositiveRate: MetricValue, falsePositiveRate: MetricValue
  ) {
    self.name = name
    self.rows = rows
    self.selectionRate = selectionRate
    self.truePositiveRate = truePositiveRate
    self.falsePositiveRate = falsePositiveRate
  }
}
