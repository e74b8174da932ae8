import Autograd
import LinearAlgebra
import NeuralNetworks

/// A classifier whose network is planned once, for rows that come a few at a time: to plan it costs more than to score
/// a chunk of them.
///
/// Its predictions are those of `Classifier.predictions`, to the last bit. Not for use by two threads at once.
package final class PlannedClassifier {
  private let classifier: Classifier
  private let buffer: RowBuffer<Float>
  private let scorer: ClassifierScorer
  /// For a few rows: they have the same bits.
  private let shortScorer: ClassifierScorer

  /// - Parameter base: The base row that the classifier was trained with, see `Classifier.logits`.
  package init(_ classifier: Classifier, base: [Float]?) {
    self.classifier = classifier
    buffer = RowBuffer(capacity: ClassifierScorer.chunk, columns: classifier.network.inputs, base: base)
    let rows = buffer.rows()
    func scorer(chunk: Int) -> ClassifierScorer {
      ClassifierScorer(
        network: classifier.network, storage: ParameterStorage(classifier.parameters), rows: rows, noise: nil,
        chunk: chunk)
    }
    self.scorer = scorer(chunk: ClassifierScorer.chunk)
    shortScorer = scorer(chunk: ClassifierScorer.shortChunk)
  }

  /// What `Classifier.predictions` gives.
  ///
  /// - Parameter features: The rows, `[n, d]`.
  package func predictions(_ features: Matrix<Float>) -> [Float] {
    let outputs = classifier.network.outputs
    let scorer = features.rows <= ClassifierScorer.shortChunk ? shortScorer : scorer
    var result = [Float](repeating: 0, count: features.rows * outputs)
    result.withUnsafeMutableBufferPointer { result in
      guard let first = result.baseAddress else { return }
      for start in stride(from: 0, to: features.rows, by: ClassifierScorer.chunk) {
        let count = min(ClassifierScorer.chunk, features.rows - start)
        let values = features.values[start * features.columns..<(start + count) * features.columns]
        buffer.fill(
          count == features.rows
            ? features : Matrix(rows: count, columns: features.columns, values: Array(values)))
        scorer.score(first: count, into: first + start * outputs)
      }
    }
    classifier.label.predict(&result)
    return result
  }
}
