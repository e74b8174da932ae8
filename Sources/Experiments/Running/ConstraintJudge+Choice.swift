import AdversarialGame
import FairnessMetrics
import LinearAlgebra
import Mitigation
import ModelFiles
import RunRecords
import TabularData

extension ConstraintJudge {
  /// A classifier that was chosen among iterates, or a mixture of some, with what it comes to.
  struct Chosen {
    var scorer: Scorer
    /// Its scores of every split.
    var after: [[Float]]
    var choice: ConstraintsRecord.Choice
    var judgement: ConstraintJudgement
    /// What the reader of the results should know.
    var notices: [String]
  }

  /// Judges what was chosen, by the validation rows, or without any by the training rows.
  ///
  /// - Parameters:
  ///   - mixture: What was chosen, with a member or several.
  ///   - iterations: The iteration or epoch of each member.
  ///   - seed: Names the hash by which a mixture draws.
  func chosen(_ mixture: StochasticClassifier, iterations: [Int], seed: UInt64) throws -> Chosen {
    let scorer: Scorer = mixture.deterministic.map { .network($0) } ?? .mixture(mixture, seed: seed)
    let after = splits.map { scorer.scores($0.rows.features, base: $0.rows.baseRow) }
    let members = mixture.members.map { member in
      (
        scores: splits.map { member.classifier.probabilities($0.rows.features, base: $0.rows.baseRow) },
        probability: member.probability
      )
    }
    var choice = ConstraintsRecord.Choice(
      rule: configuration.choose.rawValue,
      members: zip(iterations, mixture.members).map { .init(iteration: $0, probability: $1.probability) })
    var notices: [String] = []
    if members.count > 1 {
      choice.seed = Int(seed)
      choice.expectations = try splits.enumerated().compactMap { index, split in
        try ConstraintsRecord.Rows(rawValue: split.name).map { rows in
          try expectation(
            rows, of: split.rows,
            members: members.map { (scores: $0.scores[index], probability: $0.probability) })
        }
      }
      notices.append(
        "The model is a mixture of \(members.count) classifiers, one of which decides about each row, drawn by a hash "
          + "of its features and seed \(seed). The constraints are met in expectation; what is shown of a split is "
          + "what this draw gives, and constraints.choice in the summary has the exact expectations.")
    }
    return Chosen(scorer: scorer, after: after, choice: choice, judgement: judgement(of: members), notices: notices)
  }

  /// The splits as parts to be judged.
  func parts(before: [[Float]], after: [[Float]]) -> [Part] {
    splits.enumerated().compactMap { index, split in
      ConstraintsRecord.Rows(rawValue: split.name).map {
        Part(rows: $0, data: split.rows, before: before[index], after: after[index])
      }
    }
  }

  /// The judgement by the rows that the choice was made on.
  private func judgement(of members: [(scores: [[Float]], probability: Double)]) -> ConstraintJudgement {
    let (index, rows) = validation ?? (0, training)
    var chances = rows.thresholds.map { _ in [Double](repeating: 0, count: rows.rows) }
    for member in members {
      for (place, selections) in rows.selections(probabilities: member.scores[index]).enumerated() {
        for row in selections.indices { chances[place][row] += member.probability * selections[row] }
      }
    }
    let place = rows.thresholds.firstIndex(of: threshold) ?? 0
    return judgement(degenerate: chances[place]) ?? judgement([rows.evidence(chances, margin: configuration.margin)])
  }
}

extension RateConstraintRows {
  /// What these rows say of the constraints where each is selected with some chance.
  func evidence(_ selections: [[Double]], margin: Double) -> ConstraintJudgement.Evidence {
    ConstraintJudgement.Evidence(
      violations: violations(selections: selections), standardErrors: standardErrors(selections: selections),
      margin: margin)
  }
}

extension ConstraintsConfiguration.Choice {
  /// The rule of `IterateRecords`.
  var rule: SelectionRule {
    switch self {
    case .bestFeasible: .bestFeasible
    case .rank: .ranks
    case .mixture: .mixture
    }
  }
}
