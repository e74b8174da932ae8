import OrderedJSON

extension ExperimentConfiguration {
  /// Refuses what is about a label of 0 and 1 where it is none.
  func checkLabelKind(_ node: JSONNode, _ path: ConfigurationPath) throws {
    let kind = data.label.kind
    guard kind != .binary else { return }
    let label = "data.label is \(kind.rawValue)"
    func refuse(_ keys: [String], _ isRefused: Bool, _ message: String) throws {
      guard isRefused else { return }
      var place = node
      for key in keys { place = place[key] ?? place }
      throw keys.reduce(path) { $0.appending($1) }.failure(at: place.place, message)
    }
    try refuse(
      ["constraints"], constraints != nil,
      "bounds rates of a label of 0 and 1, but \(label). Remove it, or make the label binary.")
    try refuse(
      ["mitigation"], !mitigation.isEmpty,
      "has steps for a label of 0 and 1, but \(label). Remove it: the adversary plays for such a label too.")
    if let name = adversary.name {
      let playing = AdversaryConfiguration.Name.allCases.filter(\.playsForAnyLabel).map(\.rawValue)
      try refuse(
        ["adversary", "name"], !name.playsForAnyLabel,
        "is '\(name.rawValue)', which plays for a label of 0 and 1, but \(label). Name one of "
          + "\(playing.joined(separator: ", ")).")
    }
    try refuse(
      ["adversary", "criterion"], adversary.criterion != .demographicParity,
      "is '\(adversary.criterion.rawValue)', which needs a label of 0 and 1, but \(label). Set it to demographicParity."
    )
    try refuse(
      ["adversary", "input"], adversary.input == .sharpened,
      "is 'sharpened', which only makes a decision between two classes clearer, but \(label). Choose probability or logit."
    )
    try refuse(
      ["training", "onCollapse"], training.onCollapse == .rollBack,
      "is rollBack, but the signs of a collapse are about a label of 0 and 1, and \(label). Remove the key.")
    try refuse(
      ["evaluation", "thresholds"], evaluation.thresholds != EvaluationConfiguration().thresholds,
      kind == .continuous
        ? "are for decisions between two classes, but \(label): nothing is decided. Remove the key."
        : "are for decisions between two classes, but \(label): the class with the largest probability is decided. Remove "
          + "the key.")
    let specification = evaluation.specification
    for (key, isUsed) in [
      ("packs", !specification.packs.isEmpty), ("worstSlices", specification.worstSlices != nil),
      ("compare", specification.comparison != nil), ("words", specification.words != nil),
    ] {
      try refuse(
        ["evaluation", key], isUsed, "is about decisions between two classes, but \(label). Remove the key.")
    }
    guard kind == .categorical else { return }
    for key in ["require", "failIf"] {
      let isMet = key == "failIf"
      try refuse(
        ["evaluation", key], specification.gates.contains { $0.failsIfMet == isMet },
        "has conditions about a positive class, but \(label). Remove the key, and judge the classes one by one with "
          + "equipoise evaluate on the run's predictions.csv.")
    }
  }
}

extension DataConfiguration {
  /// Refuses a label other than one of 0 and 1.
  ///
  /// - Parameter purpose: Why it is needed, as a clause.
  func requireBinaryLabel(at path: String, because purpose: String) throws(ConfigurationError) {
    guard label.kind != .binary else { return }
    throw ConfigurationError(
      at: JSONPlace(source: path), keyPath: "data.label.kind",
      "data.label.kind is \(label.kind.rawValue), but \(purpose). Make the label binary, or use equipoise run.")
  }
}

extension AdversaryConfiguration.Name {
  /// Whether it plays for labels with several classes and for numbers too.
  var playsForAnyLabel: Bool {
    switch self {
    case .prediction, .projection, .gradientReversal, .laftr, .mixtureDensity, .maximalCorrelation: true
    case .aif360, .fairlearn, .fairlearnTorch, .broad, .road, .reweighting: false
    }
  }
}
