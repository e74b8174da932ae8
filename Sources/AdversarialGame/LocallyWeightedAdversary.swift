import Autograd
import LinearAlgebra
import NeuralNetworks

/// The prediction's adversary with the classifier pressed hardest where the adversary is locally at its best, so that
/// parity holds in parts of the population too: ROAD and BROAD.
///
/// The adversary minimises its plain loss L_A. What the classifier raises is `mean(r·L_A)` instead, with a weight rᵢ for
/// each row, of mean 1 over each group of z, which minimises `mean(r·L_A) + τ·mean(r·log r)`: the smaller τ, the more the
/// weight goes to the rows whose group shows.
///
/// - *BROAD*: the minimum in closed form, `r ∝ exp(−L_A / τ)` in each group of the batch. r counts as constant in the
///   classifier's step, for at its own minimum its gradient vanishes.
/// - *ROAD*: `r ∝ exp(u)` in each group, u a network's that descends on the same objective, L_A constant, in the
///   adversary's steps.
///
/// τ → ∞ gives r = 1, the plain game.
///
/// - Departure: ROAD's network sees the classifier's last hidden layer and z, where the paper's sees x and z.
/// - Precondition: no attribute is continuous; `r` is about groups.
/// - Source: Grari, Laugel, Hashimoto, Lamprier and Detyniecki (2023), arXiv:2310.18413, section 4.
public struct LocallyWeightedAdversary: Adversary, Hashable {
  /// Where the weights come from.
  public enum Weighting: Sendable, Hashable {
    /// BROAD: the closed form.
    case closedForm
    /// ROAD: a network with these hidden layers.
    case network(hidden: [Int])
  }

  /// What guesses the attributes.
  public let base: PredictionAdversary
  public let attributes: [SensitiveAttribute]

  /// τ > 0, in nats.
  public let temperature: Double

  /// ROAD's network u, for all attributes; nil for BROAD.
  public let weighting: Perceptron?

  private static let prefix = "weighting"

  /// - Parameters:
  ///   - base: What guesses the attributes.
  ///   - width: The units of the classifier's last hidden layer.
  public init(
    _ base: PredictionAdversary, attributes: [SensitiveAttribute], temperature: Double, width: Int,
    weighting: Weighting = .closedForm
  ) {
    precondition(temperature > 0, "LocallyWeightedAdversary: temperature \(temperature) is not above 0")
    precondition(
      !attributes.contains { $0.kind == .continuous }, "LocallyWeightedAdversary: a continuous attribute has no groups")
    self.base = base
    self.attributes = attributes
    self.temperature = temperature
    switch weighting {
    case .closedForm: self.weighting = nil
    case .network(let hidden):
      self.weighting = Perceptron(
        inputs: width + (attributes.last?.columns.upperBound ?? 0), hidden: hidden, outputs: max(1, attributes.count))
    }
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters = base.initialParameters(using: &stream)
    if let weighting { parameters.append(Self.prefix, weighting.initialParameters(using: &stream)) }
    return parameters
  }

  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    base.outputs(for: view, weights)
  }

  /// L_A; with ROAD's network its objective too, at the value 0, so that the losses told are those of the guess.
  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    let losses = view.crossEntropies(outputs: outputs)
    guard let logits = weightingLogits(view, weights) else { return losses }
    let objectives = view.rowLosses(outputs: outputs).enumerated().map { index, rowLosses in
      let r = normalized(logits[columns: index..<index + 1], index, view)
      let entropy = r * log(r.shifted(by: 1e-12)).scaled(by: temperature)
      return weightedMean(r * stopGradient(rowLosses) + entropy, index, view)
    }
    let objective = concatenate(columns: objectives)
    return losses + (objective - stopGradient(objective))
  }

  /// `mean(r·L_A)`.
  public func pressures<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>? {
    let logits = weightingLogits(view, weights)
    return concatenate(
      columns: view.rowLosses(outputs: outputs).enumerated().map { index, rowLosses in
        let exponents = logits?[columns: index..<index + 1] ?? rowLosses.scaled(by: -1 / temperature)
        return weightedMean(stopGradient(normalized(exponents, index, view)) * rowLosses, index, view)
      })
  }

  private func weightingLogits<Scalar>(
    _ view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>? {
    weighting.map {
      $0(
        concatenate(columns: [stopGradient(view.representation), view.targets]), weights.scoped(Self.prefix),
        mode: view.mode)
    }
  }

  private func weightedMean<Scalar>(
    _ values: Tensor<Scalar>, _ index: Int, _ view: AdversaryView<Scalar>
  ) -> Tensor<Scalar> {
    (view.weights(ofAttribute: index).map { values * $0 } ?? values).mean()
  }

  /// `exp(u)` over its mean in each row's group, `[n, 1]`; of no account where the attribute is missing.
  ///
  /// u is taken from its mean in the group first, which changes nothing but keeps the exponential in range.
  private func normalized<Scalar>(
    _ exponents: Tensor<Scalar>, _ index: Int, _ view: AdversaryView<Scalar>
  ) -> Tensor<Scalar> {
    let attribute = attributes[index]
    let wanted = view.targets[columns: attribute.columns]
    let groups =
      attribute.kind == .categorical
      ? wanted : concatenate(columns: [wanted, wanted.scaled(by: -1).shifted(by: 1)])
    let counted = view.weights(ofAttribute: index).map { groups * $0 } ?? groups
    // Of each group, `[1, groups]`; one without rows in the batch weighs nothing.
    let totals = reciprocal(counted.sum(over: .rows).shifted(by: 1e-6))
    func means(_ values: Tensor<Scalar>) -> Tensor<Scalar> { (counted * values).sum(over: .rows) * totals }
    /// Of the group of each row, `[n, 1]`.
    func ofRows(_ values: Tensor<Scalar>) -> Tensor<Scalar> { (groups * values).sum(over: .columns) }
    let shares = exp(exponents - ofRows(stopGradient(means(exponents))))
    // A group that has no row in the batch has no mean either.
    let scale = ofRows(means(shares)).shifted(by: 1e-12)
    return shares * reciprocal(scale)
  }
}
