import OrderedJSON

extension ExperimentConfiguration {
  /// The epochs of a game in which both players step on every mini-batch, where the file says nothing: each is a whole
  /// pass of the classifier.
  private static let standardPasses = 20

  /// Fills in what suits the kind of adversary where the file says nothing, and refuses keys that it would not follow.
  mutating func completeForAdversary(_ node: JSONNode, _ path: ConfigurationPath) throws {
    guard let name = adversary.name else { return }
    if adversary.turns == .batches, node["training"]?["gameEpochs"] == nil { training.gameEpochs = Self.standardPasses }
    func refuse(_ section: String, _ key: String, _ isRefused: Bool, _ message: String) throws {
      guard isRefused else { return }
      throw path.appending(section).appending(key).failure(
        at: (node[section]?[key] ?? node[section] ?? node).place, message)
    }
    try refuse(
      "adversary", "input", !name.seesPrediction && adversary.input != .probability,
      "is about the prediction, but \(name.rawValue) sees the last hidden layer. Remove the key.")
    if adversary.turns == .batches {
      let remedy =
        "means nothing where both players step on every mini-batch (adversary.turns). Remove it, or set adversary.turns "
        + "to \"passes\"."
      try refuse("training", "classifierBatch", training.classifierBatch != .last, remedy)
      try refuse("training", "classifierBatchesPerEpoch", training.classifierBatchesPerEpoch != 1, remedy)
      try refuse("adversary", "classifierDropout", !adversary.classifierDropout, remedy)
    }
    try refuse(
      "adversary", "lambdaInAdversaryLoss", name.projects && adversary.lambdaInAdversaryLoss,
      "is true, but with \(name.rawValue) lambda is alpha, which is not in the adversary's loss. Set it to false.")
  }
}
