import OrderedJSON

extension ConstraintsConfiguration {
  /// Why a game cannot seek its λ.
  static let validationIsMissing =
    "leaves no validation rows, by which constraints.method game seeks lambda and chooses the iterate. Give "
    + "'validation' a share of the training rows, such as {\"fractions\": {\"train\": 0.55, \"validation\": 0.15, "
    + "\"test\": 0.3}}."
}

extension ExperimentConfiguration {
  /// Fills in what suits a game that seeks its λ where the file says nothing, and refuses what it cannot work with.
  ///
  /// The article's schedule, a step of the classifier on 32 rows after each pass of the adversary, swings too much to
  /// steer by; a step on all rows follows λ closely.
  mutating func completeForTarget(_ node: JSONNode, _ path: ConfigurationPath) throws {
    let target = TargetDefaults()
    if node["training"]?["batchSize"] == nil { training.batchSize = target.batchSize }
    if node["training"]?["classifierEpochs"] == nil { training.classifierEpochs = target.classifierEpochs }
    if node["training"]?["gameEpochs"] == nil { training.gameEpochs = target.gameEpochs }
    if node["training"]?["classifierBatch"] == nil { training.classifierBatch = target.classifierBatch }
    if node["adversary"]?["input"] == nil { adversary.input = target.adversaryInput }
    if node["adversary"]?["classWeights"] == nil { adversary.classWeights = target.classWeights }
    if node["adversary"]?["classifierDropout"] == nil { adversary.classifierDropout = target.classifierDropout }
    if node["classifier"]?["optimizer"]?["learningRate"] == nil {
      classifier.optimizer.learningRate = target.learningRate
    }
    func refuse(_ keys: [String], _ message: String) throws {
      let keyPath = keys.reduce(path) { $0.appending($1) }
      var place = node
      for key in keys { place = place[key] ?? place }
      throw keyPath.failure(at: place.place, message)
    }
    if adversary.name == nil {
      try refuse(["adversary", "name"], "is null, but constraints.method game needs an adversary. Name one.")
    }
    if let name = adversary.name, name != .prediction {
      try refuse(
        ["adversary", "name"],
        "is '\(name.rawValue)', but constraints.method game seeks lambda for the adversary 'prediction' only. Name "
          + "that one, or remove the constraints.")
    }
    if let column = data.continuousNames.first {
      try refuse(
        ["data", "sensitive"],
        "has \(excerpt(.string(column))), which is continuous, but constraints.method game seeks lambda for groups. Cut it "
          + "into groups by bins, or remove the constraints.")
    }
    if !adversary.crosses.isEmpty {
      try refuse(
        ["adversary", "crosses"],
        "is for a game with given lambdas; constraints.method game seeks those of the attributes. Remove the key.")
    }
    if training.gameEpochs == 0 {
      try refuse(["training", "gameEpochs"], "is 0, but constraints.method game needs a game. Raise it.")
    }
    switch data.split {
    case .fractions(let split) where split.fractions.validation == 0:
      try refuse(["data", "split"], ConstraintsConfiguration.validationIsMissing)
    case .files(let split) where split.files.validation?.isEmpty ?? true:
      try refuse(["data", "split"], ConstraintsConfiguration.validationIsMissing)
    default: break
    }
  }
}

/// The defaults of a game that seeks its λ, where they differ from the article's.
private struct TargetDefaults {
  let batchSize = 256
  let classifierEpochs = 6
  let gameEpochs = 200
  let classifierBatch = TrainingConfiguration.ClassifierBatch.full
  let adversaryInput = AdversaryConfiguration.Input.logit
  let classWeights = AdversaryConfiguration.ClassWeights.balanced
  let classifierDropout = false
  let learningRate = 0.003
}
