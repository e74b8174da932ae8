import Autograd
import LinearAlgebra
import NeuralNetworks

/// An adversary that seeks the functions of prediction and attribute that are correlated most: the maximal correlation of
/// Hirschfeld, Gebelein and Rényi, by two networks for each attribute.
///
/// `L_z = −mean(f̃(ŷ)·g̃(z))`, where `f̃ = (f − mean f) / √(var f + 10⁻⁹)` over the batch, and g̃ likewise: minus the
/// correlation of f(ŷ) and g(z), in −1...0 up to what the networks have not learned. The classifier's loss is
/// `L_y + λ·mean(f̃·g̃)`. It is 0 at independence, and −1 where ŷ is a function of z or the reverse, so unlike a plain
/// correlation it misses no bent dependence. z may be continuous or have groups (0 or 1, or one-hot).
///
/// For equalized odds, f and g also see the label, and standardise over the rows of each label apart; L_z is the mean over
/// all rows.
///
/// - Shapes: both functions are of one row, `[n, 1]`; mean and variance are over the rows of the batch, weighted by
///   `targetWeights`. So batches should be large, and a loss that is measured chunk by chunk is the mean of the chunks'.
/// - Edge cases: where a function is constant over a batch, its standardised value is 0, and so is the loss.
/// - Source: Grari, Lamprier and Detyniecki (2019), arXiv:1911.04929, section 4: three layers of 15 units. For equalized
///   odds, this library.
public struct MaximalCorrelationAdversary: Adversary, Hashable {
  /// What is added to variances, of which the least that a function has in practice is far above it.
  static let epsilon = 1e-9

  public let attributes: [SensitiveAttribute]

  /// f, of the prediction.
  public let predictionNetwork: Perceptron
  /// g, for each attribute.
  public let attributeNetworks: [Perceptron]

  public let input: PredictionAdversary.Input
  public let seesLabels: Bool

  /// - Parameters:
  ///   - hidden: The widths of the hidden layers of both functions.
  ///   - seesLabels: Whether the label is given, for equalized odds.
  ///   - predictions: The classifier's outputs, k: f is of them all.
  /// - Precondition: `input` is not `sharpened`, and beside several outputs the label is not seen.
  public init(
    attributes: [SensitiveAttribute], hidden: [Int] = [15, 15, 15], activation: Activation = .tanh,
    input: PredictionAdversary.Input = .probability, seesLabels: Bool = false, predictions: Int = 1
  ) {
    precondition(
      predictions == 1 || !seesLabels, "MaximalCorrelationAdversary: \(predictions) outputs beside labels")
    precondition(input != .sharpened, "MaximalCorrelationAdversary: the prediction is not sharpened")
    self.attributes = attributes
    self.input = input
    self.seesLabels = seesLabels
    let label = seesLabels ? 1 : 0
    predictionNetwork = Perceptron(inputs: predictions + label, hidden: hidden, outputs: 1, activation: activation)
    attributeNetworks = attributes.map {
      Perceptron(inputs: $0.columns.count + label, hidden: hidden, outputs: 1, activation: activation)
    }
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters = Parameters<Float>()
    for (index, network) in attributeNetworks.enumerated() {
      parameters.append("prediction.\(index)", predictionNetwork.initialParameters(using: &stream))
      parameters.append("attribute.\(index)", network.initialParameters(using: &stream))
    }
    return parameters
  }

  /// f(ŷ) for a continuous attribute; of an attribute with groups, how much f(ŷ) speaks for each: f times what g has
  /// for the group beyond the mean of all groups. Where g sees the label, it is asked about label 1.
  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    concatenate(
      columns: attributes.enumerated().map { index, attribute in
        let f = f(index, view, weights)
        let columns = attribute.columns.count
        let groups: Matrix<Scalar>
        switch attribute.kind {
        case .continuous: return f
        case .binary: groups = Matrix(rows: 2, columns: 1, values: [0, 1])
        case .categorical:
          groups = Matrix(
            rows: columns, columns: columns,
            values: (0..<columns * columns).map { $0 / columns == $0 % columns ? 1 : 0 })
        }
        let asked = Tensor<Scalar>.constant(groups)
        let label = Tensor<Scalar>.constant(Matrix(rows: groups.rows, columns: 1, repeating: 1))
        let g = attributeNetworks[index](
          seesLabels ? concatenate(columns: [asked, label]) : asked, weights.scoped("attribute.\(index)"),
          mode: view.mode)
        let spread = g - g.mean()
        // The positive group of two is the second row, and says it all.
        let chosen = Tensor<Scalar>.constant(Matrix(rows: 1, columns: 2, values: [0, 1]))
        return attribute.kind == .categorical
          ? matmul(f, spread, transposingB: true) : f * matmul(chosen, spread)
      })
  }

  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    concatenate(
      columns: attributes.indices.map { index in
        let f = f(index, view, weights)
        let g = g(index, view, weights)
        let rowWeights = view.weights(ofAttribute: index)
        guard seesLabels else { return Self.loss(f, g, rowWeights) }
        let others = view.labels.scaled(by: -1).shifted(by: 1)
        func times(_ chosen: Tensor<Scalar>) -> Tensor<Scalar> { rowWeights.map { $0 * chosen } ?? chosen }
        return Self.loss(f, g, times(view.labels)) + Self.loss(f, g, times(others))
      })
  }

  /// `−(1/n)·Σ w·f̃·g̃`, both standardised with the weights w.
  private static func loss<Scalar>(
    _ f: Tensor<Scalar>, _ g: Tensor<Scalar>, _ weights: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    guard let weights else { return -(standardized(f, nil) * standardized(g, nil)).mean() }
    // A batch without a row that counts has the total 0.
    let shares = weights * reciprocal(weights.sum().shifted(by: 1e-12))
    return -(weights * standardized(f, shares) * standardized(g, shares)).mean()
  }

  private static func standardized<Scalar>(_ x: Tensor<Scalar>, _ shares: Tensor<Scalar>?) -> Tensor<Scalar> {
    func mean(_ values: Tensor<Scalar>) -> Tensor<Scalar> { shares.map { (values * $0).sum() } ?? values.mean() }
    let centred = x - mean(x)
    return centred * reciprocal(squareRoot(mean(square(centred)).shifted(by: epsilon)))
  }

  private func f<Scalar>(
    _ index: Int, _ view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let prediction = input == .logit ? view.logits : view.probabilities
    return predictionNetwork(
      seesLabels ? concatenate(columns: [prediction, view.labels]) : prediction,
      weights.scoped("prediction.\(index)"), mode: view.mode)
  }

  private func g<Scalar>(
    _ index: Int, _ view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let wanted = view.targets[columns: attributes[index].columns]
    return attributeNetworks[index](
      seesLabels ? concatenate(columns: [wanted, view.labels]) : wanted, weights.scoped("attribute.\(index)"),
      mode: view.mode)
  }
}
