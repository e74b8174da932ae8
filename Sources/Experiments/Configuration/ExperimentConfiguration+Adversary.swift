import OrderedJSON
import Wording

extension ExperimentConfiguration {
  /// The epochs of a game in which both players step on every mini-batch, where the file says nothing: each is a whole
  /// pass of the classifier.
  private static let standardPasses = 20

  /// A correlation over the rows of a mini-batch wants many of them.
  private static let correlationBatch = 512

  /// Fills in what suits the kind of adversary where the file says nothing, and refuses keys that it would not follow.
  mutating func completeForAdversary(_ node: JSONNode, _ path: ConfigurationPath) throws {
    guard let name = adversary.name else { return }
    if adversary.turns == .batches, node["training"]?["gameEpochs"] == nil { training.gameEpochs = Self.standardPasses }
    if name == .maximalCorrelation, node["training"]?["batchSize"] == nil {
      training.batchSize = Self.correlationBatch
    }
    func refuse(_ section: String, _ key: String, _ isRefused: Bool, _ message: String) throws {
      guard isRefused else { return }
      throw path.appending(section).appending(key).failure(
        at: (node[section]?[key] ?? node[section] ?? node).place, message)
    }
    try refuse(
      "adversary", "input", name.sees != nil && adversary.input != .probability,
      "is about the prediction, but \(name.rawValue) sees \(name.sees ?? "something else"). Remove the key.")
    try refuse(
      "adversary", "input",
      (name == .mixtureDensity || name == .maximalCorrelation) && adversary.input == .sharpened,
      "is 'sharpened', which only makes a decision clearer, and \(name.rawValue) reads all of the prediction. Choose "
        + "probability or logit.")
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
    try refuse(
      "adversary", "name", (name == .broad || name == .road) && !data.continuousNames.isEmpty,
      "is '\(name.rawValue)', whose weights are about groups, but \(excerpt(.string(data.continuousNames.first ?? ""))) "
        + "is continuous. Cut it into groups by bins, or name another adversary.")
    if name == .reweighting { try checkReweighting(refuse) }
    try refuse(
      "adversary", "classWeights", adversary.classWeights == .balanced && data.groupNames.isEmpty,
      "is balanced, but no sensitive attribute has groups. Remove the key.")
  }

  /// The names of crossed attributes: those of their parts, as an evaluation names crossed slices.
  var crossNames: [String] { adversary.crosses.map { $0.joined(separator: ",") } }

  /// The names of the game's attributes, in their order.
  var gameNames: [String] { data.groupNames + crossNames + data.continuousNames }

  /// Refuses crosses of what has no groups.
  func checkCrosses(_ node: JSONNode, _ path: ConfigurationPath) throws {
    guard !adversary.crosses.isEmpty else { return }
    let list = path.appending("adversary").appending("crosses")
    let place = (node["adversary"]?["crosses"] ?? node).place
    for (index, cross) in adversary.crosses.enumerated() {
      for name in cross where !data.groupNames.contains(name) {
        let remedy =
          NearestName.find(name, among: data.groupNames).map { "Did you mean '\($0)'?" }
          ?? "Those with groups are \(data.groupNames.joined(separator: ", "))."
        throw list.appending(String(index)).failure(
          at: place, "has \(excerpt(.string(name))), which is no sensitive attribute with groups. \(remedy)")
      }
    }
    let names = data.sensitiveNames + crossNames
    if let twice = crossNames.first(where: { name in names.count { $0 == name } > 1 }) {
      throw list.failure(at: place, "makes \(excerpt(.string(twice))), which is there already. Keep one of them.")
    }
  }

  /// Refuses what would have no effect on an adversary that knows no attribute.
  private func checkReweighting(_ refuse: (String, String, Bool, String) throws -> Void) throws {
    let remedy = "is about the sensitive attributes, which reweighting does not know. Remove the key."
    try refuse("adversary", "criterion", adversary.criterion != .demographicParity, remedy)
    try refuse("adversary", "classWeights", adversary.classWeights != .none, remedy)
    let weights = (data.sensitiveNames + crossNames).compactMap { adversary.lambda[$0] }
    try refuse(
      "adversary", "lambda", Set(weights).count > 1,
      "differs by attribute, but reweighting knows none of them. Give one number.")
    try refuse(
      "adversary", "reduction", adversary.reduction == .sum && weights.count > 1,
      "is sum, which would count the one loss of reweighting \(weights.count) times. Set it to mean.")
    try refuse(
      "adversary", "hidden", adversary.hidden != AdversaryConfiguration().hidden,
      "is about hidden layers, but reweighting is linear in features and label. Remove the key.")
  }
}
