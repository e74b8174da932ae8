/// How a classifier of several classes does on one set of rows: each class against the rest, as a whole and by group.
///
/// A row's decision is the class with the largest score, the first of equal ones. Where a statistic is taken over
/// classes, those for which it does not exist are left out and named.
public struct MulticlassEvaluation: Sendable, Hashable {
  /// One class against the rest.
  public struct Class: Sendable, Hashable {
    /// The class's name.
    public var name: String

    /// The rows whose label is the class.
    public var rows: Int

    /// The share of rows that are decided to be of the class.
    public var selectionRate: MetricValue

    /// The area under the ROC curve of the class's score: the chance that a row of the class has a larger one than
    /// another row, ties counting half.
    public var rocAUC: MetricValue

    /// The class against the rest by sensitive attribute: the rates of a decision for the class, in the same order as
    /// everywhere.
    public var attributes: [AttributeEvaluation]

    public init(
      name: String, rows: Int, selectionRate: MetricValue, rocAUC: MetricValue, attributes: [AttributeEvaluation]
    ) {
      self.name = name
      self.rows = rows
      self.selectionRate = selectionRate
      self.rocAUC = rocAUC
      self.attributes = attributes
    }
  }

  /// The class that a statistic over classes comes from, and those for which the statistic does not exist.
  public struct Extreme: Sendable, Hashable {
    /// The smallest or largest value; undefined where it exists for no class, for the reason of the first.
    public var value: MetricValue

    /// The class with that value, the first of equal ones; nil where there is none.
    public var className: String?

    /// The classes that are left out.
    public var undefinedClasses: [String]

    public init(value: MetricValue, className: String?, undefinedClasses: [String]) {
      self.value = value
      self.className = className
      self.undefinedClasses = undefinedClasses
    }

    /// The extreme of values by class.
    ///
    /// - Parameter isWorse: Whether the first value is to be taken rather than the second.
    init(_ values: [(name: String, value: MetricValue)], isWorse: (Double, Double) -> Bool) {
      var worst: (name: String, value: Double)?
      var undefined: [String] = []
      for (name, value) in values {
        guard case .defined(let number) = value else {
          undefined.append(name)
          continue
        }
        if worst.map({ isWorse(number, $0.value) }) ?? true { worst = (name, number) }
      }
      self.init(
        value: worst.map { .defined($0.value) } ?? values.first?.value ?? .undefined("there are no classes"),
        className: worst?.name, undefinedClasses: undefined)
    }
  }

  /// How the classes are dealt out to the groups of one sensitive attribute.
  public struct Attribute: Sendable, Hashable {
    /// A group.
    public struct Group: Sendable, Hashable {
      public var name: String
      public var rows: Int
      /// The share of the group's rows whose decision is their label.
      public var accuracy: MetricValue

      public init(name: String, rows: Int, accuracy: MetricValue) {
        self.name = name
        self.rows = rows
        self.accuracy = accuracy
      }
    }

    public var name: String

    /// The groups, in the order of the data set's list of them.
    public var groups: [Group]

    /// The largest accuracy of a group minus the smallest, in 0...1.
    public var accuracyDifference: MetricValue

    /// The smallest p%-rule over classes.
    public var pPercentRule: Extreme

    /// The largest demographic parity difference over classes.
    public var demographicParityDifference: Extreme

    /// The largest equalized odds difference over classes.
    public var equalizedOddsDifference: Extreme

    /// The largest equal opportunity difference over classes: the gap in the share of the class's rows that are found.
    public var equalOpportunityDifference: Extreme

    public init(
      name: String, groups: [Group], accuracyDifference: MetricValue, pPercentRule: Extreme,
      demographicParityDifference: Extreme, equalizedOddsDifference: Extreme, equalOpportunityDifference: Extreme
    ) {
      self.name = name
      self.groups = groups
      self.accuracyDifference = accuracyDifference
      self.pPercentRule = pPercentRule
      self.demographicParityDifference = demographicParityDifference
      self.equalizedOddsDifference = equalizedOddsDifference
      self.equalOpportunityDifference = equalOpportunityDifference
    }
  }

  /// The mean over classes of their ROC AUC, each class against the rest and each counting the same; undefined where
  /// it is for a class.
  public var macroROCAUC: MetricValue

  /// The classes, in their order.
  public var classes: [Class]

  /// The sensitive attributes, in their order.
  public var attributes: [Attribute]

  public init(macroROCAUC: MetricValue, classes: [Class], attributes: [Attribute]) {
    self.macroROCAUC = macroROCAUC
    self.classes = classes
    self.attributes = attributes
  }
}

extension MulticlassEvaluation {
  /// The decision about each row: the class with the largest score, the first of equal ones; −1 where one is NaN.
  ///
  /// - Parameter scores: `[n, k]`, row after row.
  public static func decisions(scores: [Float], classes k: Int) -> [Int32] {
    precondition(k > 0 && scores.count % k == 0, "decisions: \(scores.count) scores of \(k) classes")
    return (0..<scores.count / k).map { row in decision(scores: scores[row * k..<(row + 1) * k]).map(Int32.init) ?? -1 }
  }

  /// The decision about one row; nil where a score is NaN.
  ///
  /// - Parameter scores: A score of every class, one at least.
  public static func decision(scores: ArraySlice<Float>) -> Int? {
    var best = scores.startIndex
    for index in scores.indices {
      if scores[index].isNaN { return nil }
      if scores[index] > scores[best] { best = index }
    }
    return best - scores.startIndex
  }
}

extension ClassifierEvaluation {
  /// Evaluates the scores of several classes on a set of rows.
  ///
  /// `accuracy` is the share of decisions that are right, `rocAUC` the macro mean of each class against the rest. Over
  /// classes, an attribute's p%-rule is the smallest, its differences are the largest; `classes` has the rest. What needs
  /// a positive class, such as a rate of selection over all classes, does not exist.
  ///
  /// - Parameters:
  ///   - scores: A score of every class for each row, `[n, k]`, row after row.
  ///   - labels: The index of each row's class, `[n]`.
  ///   - classes: The names of the classes, k of them.
  ///   - attributes: The sensitive attributes, each with n codes.
  ///   - weights: What each row counts, `[n]`, finite and at least 0; nil for 1 each.
  /// - Edge cases: where a score is NaN, everything that rests on the scores is undefined.
  /// - Precondition: The counts agree, and every label is the index of a class.
  public init(
    classScores scores: [Float], labels: [Int32], classes names: [String], attributes: [GroupColumn],
    weights: [Double]? = nil
  ) {
    let k = names.count
    precondition(
      scores.count == labels.count * k,
      "ClassifierEvaluation: \(scores.count) scores, \(labels.count) rows of \(k) classes")
    let decisions = MulticlassEvaluation.decisions(scores: scores, classes: k)
    let isScored = !decisions.contains(-1)
    var classes: [MulticlassEvaluation.Class] = []
    for (index, name) in names.enumerated() {
      let isClass = labels.map { $0 == Int32(index) }
      // As scores of 0 and 1 the decisions go the way of two classes.
      let evaluation = ClassifierEvaluation(
        scores: decisions.map { isScored ? ($0 == Int32(index) ? 1 : 0) : .nan }, labels: isClass,
        attributes: attributes, threshold: 0.5, weights: weights)
      let own = labels.indices.map { scores[$0 * k + index] }
      classes.append(
        .init(
          name: name, rows: isClass.count { $0 }, selectionRate: evaluation.selectionRate,
          rocAUC: (weights.map { FairnessMetrics.rocAUC(scores: own, labels: isClass, weights: $0) }
            ?? FairnessMetrics.rocAUC(scores: own, labels: isClass)).forClass(name),
          attributes: evaluation.attributes))
    }
    // As labels that are all positive, of which the right ones are selected, shares of right decisions are counts too.
    let cells = zip(decisions, labels).map { Cell($0 == $1 ? 3 : 2) }
    func accuracy(_ counts: ConfusionCounts) -> MetricValue {
      isScored ? ClassificationRate.accuracy(counts) : .undefined(scoreIsNaN)
    }
    let whole = GroupColumn(name: "", groups: [], codes: [Int32](repeating: -1, count: cells.count))
      .counts(of: cells, weights: weights).missing
    let evaluation = MulticlassEvaluation(
      macroROCAUC: Self.mean(classes.map(\.rocAUC)), classes: classes,
      attributes: attributes.enumerated().map { index, attribute in
        let groups = zip(attribute.groups, attribute.counts(of: cells, weights: weights).groups).map {
          MulticlassEvaluation.Attribute.Group(name: $0, rows: $1.rows, accuracy: accuracy($1))
        }
        func values(
          _ statistic: (AttributeEvaluation) -> MetricValue
        ) -> [(name: String, value: MetricValue)] {
          classes.map { ($0.name, statistic($0.attributes[index]).forClass($0.name)) }
        }
        return MulticlassEvaluation.Attribute(
          name: attribute.name, groups: groups,
          accuracyDifference: GroupComparison(
            members: groups.filter { $0.rows > 0 }.map { .init(group: $0.name, value: $0.accuracy) }
          ).difference,
          pPercentRule: .init(values(\.pPercentRule), isWorse: <),
          demographicParityDifference: .init(values(\.demographicParityDifference), isWorse: >),
          equalizedOddsDifference: .init(values(\.equalizedOddsDifference), isWorse: >),
          equalOpportunityDifference: .init(values(\.equalOpportunityDifference), isWorse: >))
      })
    let noPositive = MetricValue.undefined("the label has \(k) classes and no positive one")
    self.init(
      rows: labels.count, threshold: 0.5, accuracy: accuracy(whole),
      rocAUC: evaluation.macroROCAUC, selectionRate: noPositive,
      attributes: zip(attributes, evaluation.attributes).enumerated().map { index, pair in
        AttributeEvaluation(
          name: pair.0.name, pPercentRule: pair.1.pPercentRule.value,
          demographicParityDifference: pair.1.demographicParityDifference.value,
          equalizedOddsDifference: pair.1.equalizedOddsDifference.value,
          equalOpportunityDifference: pair.1.equalOpportunityDifference.value,
          groups: pair.1.groups.map {
            GroupEvaluation(
              name: $0.name, rows: $0.rows, selectionRate: noPositive, truePositiveRate: noPositive,
              falsePositiveRate: noPositive)
          }, missingRows: pair.0.codes.count { $0 < 0 })
      })
    self.classes = evaluation
  }

  /// The mean of values; undefined where one of them is, for its reason.
  private static func mean(_ values: [MetricValue]) -> MetricValue {
    var sum = 0.0
    for value in values {
      guard case .defined(let number) = value else { return value }
      sum += number
    }
    return MetricValue(sum, over: Double(values.count), orElse: "there are no classes")
  }
}

extension MetricValue {
  /// The value, its reason where there is none naming the class.
  fileprivate func forClass(_ name: String) -> MetricValue {
    switch self {
    case .defined: self
    case .undefined(let reason): .undefined("of class '\(name)', \(reason)")
    }
  }
}
