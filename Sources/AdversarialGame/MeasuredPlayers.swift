import Autograd
import NeuralNetworks

/// The weights that evaluators read: a copy of both players' at the moment of a measurement, so that the players may
/// play on while they are measured.
final class MeasuredPlayers {
  let network: Perceptron
  let classifier: ParameterStorage<Float>
  let adversary: (adversary: any Adversary, storage: ParameterStorage<Float>)?
  private let players: (classifier: ClassifierPlayer, adversary: AdversaryPlayer?)

  init(classifier: ClassifierPlayer, adversary: AdversaryPlayer?) {
    network = classifier.network
    self.classifier = ParameterStorage(classifier.storage.parameters)
    self.adversary = adversary.map { ($0.adversary, ParameterStorage($0.storage.parameters)) }
    players = (classifier, adversary)
  }

  /// Takes the players' weights as they are.
  func take() {
    classifier.copy(players.classifier.storage)
    if let adversary, let player = players.adversary { adversary.storage.copy(player.storage) }
  }

  /// Gives the players the weights back that were last taken.
  func putBack() {
    players.classifier.storage.copy(classifier)
    if let adversary, let player = players.adversary { player.storage.copy(adversary.storage) }
  }
}
