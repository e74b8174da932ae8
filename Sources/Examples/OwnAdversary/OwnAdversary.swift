import AdversarialGame
import FairnessMetrics
import Foundation
import NeuralNetworks
import TabularData

/// Trains a classifier against adversaries that are not the library's own.
///
///     swift run -c release OwnAdversary
///
/// Read `EqualizedOddsAdversary` first: it is all that an adversary needs. `NoisyGroupAdversary` has a loss of its own.
/// This file makes data, lets them play, and prints what the games changed. It uses the library's public interface alone;
/// "Write your own adversary" in the documentation of `AdversarialGame` goes through it.
@main
struct OwnAdversary {
  static func main() throws {
    // 1. Data, encoded already: numbers for the classifier, and the group of every row beside them.
    let train = LoanData.rows(3000, seed: 1)
    let test = LoanData.rows(3000, seed: 2)
    print("\(train.rows) training rows, \(test.rows) test rows")

    // 2. Two adversaries against the attributes of the data, one after the other.
    let attributes = SensitiveAttribute.attributes(of: train)
    try play(EqualizedOddsAdversary(attributes: attributes), called: "equalized odds", train: train, test: test)
    try play(NoisyGroupAdversary(attributes: attributes), called: "noisy groups", train: train, test: test)
  }

  /// Plays a game, and prints what it changed.
  static func play(_ adversary: some Adversary, called name: String, train: Dataset, test: Dataset) throws {
    // 3. The players. The game has one λ for each sensitive attribute: how much fooling the adversary is worth.
    let classifier = Perceptron(inputs: train.features.columns, hidden: [16, 16], outputs: 1)
    let objective = GameObjective(lambda: [5])

    // 4. The game: first each player alone, then both in turns.
    var settings = GameSettings()
    settings.batchSize = 100
    settings.classifierBatch = .all
    settings.classifierEpochs = 20
    settings.adversaryEpochs = 5
    settings.gameEpochs = 60
    settings.evaluationInterval = 0
    settings.adversaryOptimizer = OptimizerSettings(.adam(), learningRate: 0.003)
    let trainer = try GameTrainer(
      network: classifier, adversary: adversary, objective: objective, splits: [("train", train), ("test", test)],
      settings: settings, seed: 1)
    let outcome = try trainer.train()

    // 5. What it changed, on the rows that nobody trained on: the second split.
    print("\(name), test rows".padding(toLength: 31, withPad: " ", startingAt: 0) + "before    after")
    let (before, after) = (outcome.pretrained[1].evaluation, outcome.final[1].evaluation)
    let (groupBefore, groupAfter) = (before.attributes[0], after.attributes[0])
    show("accuracy", before.accuracy, after.accuracy)
    show("ROC AUC", before.rocAUC, after.rocAUC)
    show("equalized-odds difference", groupBefore.equalizedOddsDifference, groupAfter.equalizedOddsDifference)
    show("p%-rule", groupBefore.pPercentRule, groupAfter.pPercentRule)
    if let beforeAUC = groupBefore.adversaryAUC, let afterAUC = groupAfter.adversaryAUC {
      show("adversary's ROC AUC", beforeAUC, afterAUC)
    }
  }

  /// Prints a line of the table. A statistic that does not exist says so.
  static func show(_ name: String, _ before: MetricValue, _ after: MetricValue) {
    func text(_ value: MetricValue) -> String {
      switch value {
      case .defined(let number): String(format: "%9.3f", number)
      case .undefined: "     none"
      }
    }
    print(name.padding(toLength: 28, withPad: " ", startingAt: 0) + text(before) + text(after))
  }
}
