import OrderedJSON
import RunRecords

/// What was done to get the model, in words and with the papers it follows: what its configuration asked for, and not what
/// the tool is best known for.
struct ModelMethod: Sendable {
  /// What the classifier is, with the sizes of its networks.
  let architecture: String
  /// What was done in training, before it and after it, as a clause each.
  private(set) var steps: [String] = []
  /// The papers and programs that the steps follow, none twice.
  private(set) var references: [String] = []
  /// The tags of the steps, none twice.
  private(set) var tags: [String] = []

  /// One sentence with all of it.
  var sentence: String { ([architecture] + steps).joined(separator: "; ") + "." }

  init(_ run: RunReport) {
    architecture = Self.architecture(run)
    let steps = run.configuration["mitigation"]?.elements ?? []
    let (before, after) = (
      steps.compactMap { Self.stepsBefore[$0["name"]?.text ?? ""] },
      steps.compactMap { Self.stepsAfter[$0["name"]?.text ?? ""] }
    )
    for step in before { add(step) }
    train(run, steps)
    for step in after { add(step) }
  }

  private mutating func add(_ step: Step) {
    if !step.text.isEmpty { steps.append(step.text) }
    for reference in step.references where !references.contains(reference) { references.append(reference) }
    for tag in step.tags where !tags.contains(tag) { tags.append(tag) }
  }

  /// The way of training: one, as the configuration allows no more.
  private mutating func train(_ run: RunReport, _ steps: [JSON]) {
    let adversary = Self.adversary(run)
    switch run.summary.constraints?.method {
    case "layer"?: add(Self.layer)
    case "rates"?: add(Self.rates)
    case "game"?:
      add(adversary ?? Self.unknownAdversary)
      add(.init("with the weight of the adversary sought so that the constraints hold", tags: ["fairness-constraints"]))
    default:
      let trainings = steps.compactMap { step -> Step? in
        step["name"]?.text == "penalties" ? Self.penalties(step) : Self.reductions[step["name"]?.text ?? ""]
      }
      if trainings.isEmpty, adversary != nil, Self.isWeightless(run) {
        add(.init("trained on the label alone: the adversary beside it had the weight 0, and changed nothing"))
      } else if let training = trainings.first ?? adversary {
        add(training)
      } else {
        add(.init("trained on the label alone, without an adversary"))
      }
    }
  }

  // MARK: - The networks

  /// The networks of the saved model; those of the configuration where none was saved.
  private static func architecture(_ run: RunReport) -> String {
    guard let model = run.model, let network = model["network"] else {
      return "Perceptron with \(layers(run.configuration["classifier"]?["hidden"]))"
    }
    let hidden = layers(network["hidden"])
    if let correction = model["correction"] {
      let members = correction["members"]?.integer ?? 1
      let pairs = members == 1 ? "One pair of perceptrons" : "The average of \(members) pairs of perceptrons"
      return "\(pairs), one for the label with \(hidden) and one for the groups with "
        + layers(correction["groups"]?["hidden"])
    }
    if let probabilities = model["mixture"]?["probabilities"]?.elements {
      return "\(Words.count(probabilities.count, "perceptron")) with \(hidden), one of which is drawn for each row"
    }
    return "Perceptron with \(hidden)"
  }

  private static func layers(_ hidden: JSON?) -> String {
    let widths = (hidden?.elements ?? []).compactMap(\.integer)
    if widths.isEmpty { return "no hidden layer" }
    return
      "\(widths.count == 1 ? "a hidden layer" : "hidden layers") of \(widths.map(String.init).joined(separator: ", "))"
  }

  // MARK: - The steps

  /// Something that is done, with what it follows.
  private struct Step: Sendable {
    var text: String
    var references: [String]
    var tags: [String]

    init(_ text: String, _ references: [String] = [], tags: [String] = []) {
      self.text = text
      self.references = references
      self.tags = tags
    }
  }

  private static let zhang = "Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593"
  private static let louppe = "Louppe, Kagan and Cranmer (2017), arXiv:1611.01046"
  private static let agarwal = "Agarwal, Beygelzimer, Dudík, Langford and Wallach (2018), arXiv:1803.02453"
  private static let cotter = "Cotter, Jiang and Sridharan (2019), arXiv:1804.06500"
  private static let kamiran =
    "Kamiran and Calders (2012), Data preprocessing techniques for classification without discrimination, Knowl. Inf. "
    + "Syst. 33"

  private static let layer = Step(
    "with a decision above them that is corrected for constraints, by estimates from parts of the rows that were not "
      + "trained on",
    [
      "Menon and Williamson (2018), FAT*", "Celis et al. (2019), FAT*",
      "Chernozhukov et al. (2018), Econometrics Journal 21",
    ], tags: ["fairness-constraints"])

  private static let rates = Step(
    "trained under constraints on rates, against multipliers (proxy-Lagrangian)", [cotter],
    tags: ["fairness-constraints"])

  private static let unknownAdversary = Step("trained against an adversary", tags: ["adversarial-debiasing"])

  /// The adversary of the game; nil where none played.
  private static func adversary(_ run: RunReport) -> Step? {
    guard let settings = run.configuration["adversary"], let name = settings["name"]?.text else { return nil }
    if let epochs = run.configuration["training"]?["gameEpochs"]?.integer, epochs == 0 { return nil }
    var step = adversaries[name] ?? unknownAdversary
    step.tags = ["adversarial-debiasing"]
    // What the adversary sees besides the prediction is Zhang's, whoever's game it is.
    if name == "prediction", let criterion = settings["criterion"]?.text, criterion != "demographicParity" {
      step.references.append(zhang)
    }
    return step
  }

  /// Whether λ is 0 for every attribute, in a game that acts on the classifier by λ alone.
  private static func isWeightless(_ run: RunReport) -> Bool {
    let settings = run.configuration["adversary"]
    let byWeight = ["prediction", "gradientReversal", "laftr", "mixtureDensity", "maximalCorrelation"]
    guard byWeight.contains(settings?["name"]?.text ?? ""), let lambda = settings?["lambda"] else { return false }
    return (lambda.members?.map(\.value) ?? [lambda]).allSatisfy { $0.double == 0 }
  }

  private static let adversaries: [String: Step] = [
    "prediction": Step(
      "trained against an adversary that reads the sensitive attributes off the prediction",
      [louppe, "Fairness in Machine Learning with PyTorch"]),
    "projection": Step(
      "trained against an adversary, what helps it taken out of the classifier's gradient by projection", [zhang]),
    "aif360": Step(
      "trained against an adversary, with the projection of gradients layer by layer as AIF360 computes it",
      [zhang, "AIF360 0.6.1, AdversarialDebiasing"]),
    "fairlearn": Step(
      "trained against an adversary, with the projection of gradients layer by layer as fairlearn computes it on "
        + "TensorFlow", [zhang, "fairlearn 0.15.0, AdversarialFairnessClassifier"]),
    "fairlearnTorch": Step(
      "trained against an adversary, with the projection of gradients layer by layer as fairlearn computes it on PyTorch",
      [zhang, "fairlearn 0.15.0, AdversarialFairnessClassifier"]),
    "gradientReversal": Step(
      "trained against an adversary on its last hidden layer, by gradient reversal",
      ["Ganin and Lempitsky (2015), arXiv:1409.7495", "Beutel et al. (2017), arXiv:1707.00075"]),
    "laftr": Step(
      "trained against an adversary on its last hidden layer, by the losses of LAFTR",
      ["Madras, Creager, Pitassi and Zemel (2018), arXiv:1802.06309"]),
    "mixtureDensity": Step(
      "trained against an adversary that gives a continuous attribute a density from the prediction", [louppe]),
    "maximalCorrelation": Step(
      "trained against an adversary that seeks the functions of prediction and attribute that are correlated most",
      ["Grari, Lamprier and Detyniecki (2019), arXiv:1911.04929"]),
    "broad": Step(
      "trained against an adversary that presses where a group shows most (BROAD)",
      ["Grari, Laugel, Hashimoto, Lamprier and Detyniecki (2023), arXiv:2310.18413"]),
    "road": Step(
      "trained against an adversary that presses where a group shows most, by the weights of a network (ROAD)",
      ["Grari, Laugel, Hashimoto, Lamprier and Detyniecki (2023), arXiv:2310.18413"]),
    "reweighting": Step(
      "trained against an adversary that knows no attribute and weighs up the rows on which the classifier does badly",
      ["Lahoti et al. (2020), arXiv:2006.13114"]),
  ]

  private static let reductions: [String: Step] = [
    "exponentiatedGradient": Step(
      "trained by the reduction to weighted problems, by exponentiated gradient", [agarwal],
      tags: ["exponentiated-gradient"]),
    "gridSearch": Step(
      "trained by the reduction to weighted problems, by a grid of multipliers", [agarwal], tags: ["grid-search"]),
  ]

  private static let stepsBefore: [String: Step] = [
    "reweighing": Step("on rows that were reweighed", [kamiran], tags: ["reweighing"]),
    "resampling": Step("on rows that were resampled", [kamiran], tags: ["resampling"]),
    "ruleWeights": Step("on rows that were weighted by rules", tags: ["rule-weights"]),
    "correlationRemover": Step(
      "on features without what correlates with the attribute", ["fairlearn, CorrelationRemover"],
      tags: ["correlation-remover"]),
  ]

  private static let stepsAfter: [String: Step] = [
    "thresholds": Step(
      "with thresholds of their own for the groups", ["Hardt, Price and Srebro (2016), arXiv:1610.02413"],
      tags: ["threshold-optimizer"]),
    "rejectOption": Step(
      "with the reject option: near the threshold the group decides",
      ["Kamiran, Karim and Zhang (2012), Decision theory for discrimination-aware classification, ICDM"],
      tags: ["reject-option"]),
  ]

  private static func penalties(_ step: JSON) -> Step {
    let found = (step["penalties"]?.elements ?? []).compactMap { $0["penalty"]?.text }
    let known = found.compactMap { penalties[$0] }
    return Step(
      known.isEmpty
        ? "trained with a penalty" : "trained with a penalty on \(Words.list(known.map(\.text)))",
      known.flatMap(\.references), tags: ["fairness-penalty"])
  }

  private static let chuang = "Chuang and Mroueh (2021), arXiv:2103.06503"

  private static let penalties: [String: Step] = [
    "demographicParityGap": Step("the gap of mean predictions", [chuang]),
    "equalOpportunityGap": Step("the gap of mean predictions of positive rows", [chuang]),
    "equalizedOddsGap": Step("the gaps of mean predictions under each label", [chuang]),
    "meanDiscrepancy": Step(
      "the maximum mean discrepancy of the predictions (MinDiff)", ["Prost et al. (2019), arXiv:1910.11779"]),
    "independence": Step(
      "the dependence of predictions and groups (HSIC)",
      ["Gretton et al. (2005), ALT", "Pérez-Suay et al. (2017), arXiv:1710.05578"]),
    "mutualInformation": Step(
      "the mutual information of decision and group (prejudice remover)",
      ["Kamishima, Akaho, Asoh and Sakuma (2012), ECML PKDD"]),
    "absoluteCorrelation": Step(
      "the correlation of predictions and groups", ["Beutel et al. (2019), arXiv:1901.04562"]),
    "counterfactualPairing": Step(
      "the distance of a row from its counterfactual (logit pairing)", ["Garg et al. (2019), arXiv:1809.10610"]),
  ]
}
