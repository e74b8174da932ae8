import LinearAlgebra
import TabularData

/// The training rows as the players' programs read them: matrices from which batches are gathered.
struct TrainingRows {
  let features: FeatureRows<Float>
  /// As the classifier's loss compares with them, `[n, k]`.
  let labels: FeatureRows<Float>
  let label: LabelKind
  let weights: FeatureRows<Float>?
  let targets: FeatureRows<Float>
  let targetWeights: FeatureRows<Float>?
  let attributes: [SensitiveAttribute]

  init(_ dataset: Dataset, criterion: GameCriterion, balancesGroups: Bool) {
    features = dataset.featureRows
    label = dataset.labelKind
    labels = FeatureRows(label.targets(dataset.labels))
    weights = dataset.weights.map { FeatureRows(Matrix(rows: dataset.rows, columns: 1, values: $0)) }
    let sensitive = SensitiveTargets(
      dataset.sensitive, continuous: dataset.continuous, labels: dataset.labels, criterion: criterion,
      balanced: balancesGroups)
    targets = FeatureRows(sensitive.targets)
    targetWeights = sensitive.weights.map { FeatureRows($0) }
    attributes = sensitive.attributes
  }

  var rows: Int { features.rows }
}
