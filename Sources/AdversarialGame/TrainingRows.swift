import CKernels
import LinearAlgebra
import TabularData

/// The training rows as the players' programs read them: matrices from which batches are gathered.
struct TrainingRows {
  let features: FeatureRows<Float>
  let labels: Matrix<Float>
  let weights: Matrix<Float>?
  let sensitive: SensitiveTargets

  init(_ dataset: Dataset, balancesGroups: Bool) {
    features = FeatureRows(dataset.features, base: dataset.baseRow)
    labels = Matrix(rows: dataset.rows, columns: 1, values: dataset.labels)
    weights = dataset.weights.map { Matrix(rows: dataset.rows, columns: 1, values: $0) }
    sensitive = SensitiveTargets(dataset.sensitive, rows: dataset.rows, balanced: balancesGroups)
  }

  var rows: Int { features.rows }
}

/// Copies the rows named by `indices` from a matrix into a program's input.
package func gather(
  _ indices: UnsafeBufferPointer<Int32>, from values: [Float], columns: Int, into target: UnsafeMutablePointer<Float>?
) {
  guard let target, let first = indices.baseAddress else { return }
  let kernels = Precision.single.kernels
  values.withUnsafeBufferPointer { source in
    guard let source = source.baseAddress else { return }
    kernels.pointee.gather_rows(indices.count, columns, first, source, target)
  }
}
