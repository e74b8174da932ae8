import Autograd
import LinearAlgebra
import NeuralNetworks

/// An adversary that sees the classifier's last hidden layer, and for equalized odds the label too: of gradient reversal
/// and of LAFTR.
///
/// *Gradient reversal* (Ganin and Lempitsky 2015, arXiv:1409.7495; for groups Beutel et al. 2017, arXiv:1707.00075) lets
/// one backward pass of `L_y + L_z` serve both players, the gradient of L_z turning its sign, times λ, between the layer
/// and the adversary. What arrives is `g_y − λ·g_z` for the classifier and g_z for the adversary: the game with
/// `GameTurns.batches`, λ not in the adversary's own loss, and λ following Ganin's ramp. That the two optimizers are two
/// departs from implementations with one, where λ also scales the adversary's learning rate.
///
/// *LAFTR* (Madras, Creager, Pitassi and Zemel 2018, arXiv:1802.06309) plays the same game with `Loss.absolute`, each
/// group weighing the same (`GameSettings.balancesGroups`; with equalized odds each group under each label), so that
/// the adversary's success bounds the parity of every classifier on that layer. The encoder is the network up to its last
/// hidden layer, the label's predictor what follows. With a decoder both players also minimise `β·mean((x − x̂)²)`, the
/// mean over rows and features of what it makes of the layer: `min L_y + β·L_dec − γ·L_z`, γ being λ.
public struct HiddenLayerAdversary: Adversary, Hashable {
  /// What the adversary minimises.
  public enum Loss: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its cross-entropy.
    case crossEntropy
    /// `|z − ẑ|`, in 0...1: one minus the probability that it gives to the true group.
    case absolute
  }

  public let network: Perceptron
  public let loss: Loss
  public let seesLabels: Bool

  /// What gives the features back from the layer; nil for none.
  public let decoder: Perceptron?

  /// β ≥ 0, what the decoder's loss is multiplied by; dimensionless.
  public let reconstruction: Double

  /// - Parameters:
  ///   - attributes: The attributes to be guessed.
  ///   - width: The units of the classifier's last hidden layer, h; the number of features where it has none.
  ///   - decoder: A decoder, by the number of features, the units of its hidden layers, and β; nil for none.
  public init(
    attributes: [SensitiveAttribute], width: Int, hidden: [Int] = [32], activation: Activation = .relu,
    loss: Loss = .crossEntropy, seesLabels: Bool = false,
    decoder: (features: Int, hidden: [Int], reconstruction: Double)? = nil
  ) {
    self.decoder = decoder.map {
      Perceptron(inputs: width, hidden: $0.hidden, outputs: $0.features, activation: activation)
    }
    reconstruction = decoder?.reconstruction ?? 0
    network = Perceptron(
      inputs: width + (seesLabels ? 1 : 0), hidden: hidden, outputs: attributes.last?.columns.upperBound ?? 1,
      activation: activation)
    self.loss = loss
    self.seesLabels = seesLabels
  }

  public func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters: Parameters<Float> = network.initialParameters(using: &stream)
    if let decoder { parameters.append("decoder", decoder.initialParameters(using: &stream)) }
    return parameters
  }

  public func sharedLoss<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar>? {
    guard let decoder, let features = view.features else { return nil }
    let decoded = decoder(view.representation, weights.scoped("decoder"), mode: view.mode)
    return squaredError(predictions: decoded, targets: features).scaled(by: reconstruction)
  }

  public func outputs<Scalar>(
    for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    network(
      seesLabels ? concatenate(columns: [view.representation, view.labels]) : view.representation, weights,
      mode: view.mode)
  }

  public func losses<Scalar>(
    outputs: Tensor<Scalar>, for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>
  ) -> Tensor<Scalar> {
    switch loss {
    case .crossEntropy: view.crossEntropies(outputs: outputs)
    case .absolute: view.absoluteErrors(outputs: outputs)
    }
  }
}

extension AdversaryView {
  /// One minus the probability of the true group, the mean for each attribute, `[1, a]`, weighted by `targetWeights`. Of a
  /// binary attribute it is `|z − σ(output)|`, of a continuous one `|z − output|`.
  ///
  /// - Parameter outputs: Logits, `[n, k]`, in the order of the attributes' columns.
  public func absoluteErrors(outputs: Tensor<Scalar>) -> Tensor<Scalar> {
    concatenate(
      columns: attributes.enumerated().map { index, attribute in
        let logits = outputs[columns: attribute.columns]
        let wanted = targets[columns: attribute.columns]
        let errors: Tensor<Scalar> =
          switch attribute.kind {
          case .binary: abs(wanted - sigmoid(logits))
          case .continuous: abs(wanted - logits)
          case .categorical: -(wanted * softmax(logits)).sum(over: .columns).shifted(by: -1)
          }
        return (targetWeights.map { errors * $0[columns: index..<index + 1] } ?? errors).mean()
      })
  }
}
