import FairnessMetrics
import LinearAlgebra

/// The audit by fresh adversaries: what can still be read off a model's outputs.
///
/// An adversary that was beaten in the game proves nothing if it was weak. Here several families of adversaries are
/// trained anew on held-out rows by cross-fitting, on each view of the model, and each has three answers:
///
/// - the ROC AUC of its out-of-fold scores with an interval;
/// - a p-value that the attribute cannot be read at all, by `ForwardPermutationTest`, corrected after Holm over all
///   adversaries of the attribute;
/// - how far it surpasses the game's own adversary.
///
/// **The interval.** DeLong's variance takes scores as given; here the scores have errors of their training in common.
/// Of an adversary whose scores are linear in the groups it learned from, each pair of rows in different folds enters
/// the area twice, once each way, so that near chance the variance is twice DeLong's. The interval is formed with twice
/// DeLong's variance everywhere: it holds near chance, and is up to 1.4 times too wide where scores are well settled.
/// On 500 views of noise (300 rows, one column) the 95 % intervals of the four families missed ½ in 5 to 22 cases, their
/// p-values were at most 0.05 in 23 to 34, and the whole audit raised 16 false alarms at the level 0.05.
///
/// **A weak adversary.** The game's own adversary is called weak where a fresh one reads the attribute (corrected
/// p-value below the level) *and* is better than it on the same rows (paired DeLong test with the variance above,
/// one-sided, corrected after Holm, below the level), both on a view that the game's own could see.
///
/// Results depend on the settings and the machine's arithmetic, not on the number of threads.
public struct FreshAdversaryAudit: Sendable {
  public var settings: AuditSettings

  /// The threads to use; results do not depend on them.
  public var threads: Int

  /// What DeLong's variance of an area is multiplied by, for the training that out-of-fold scores share.
  static let varianceFactor = 2.0

  /// - Parameter threads: At least 1; nil for one on each processor.
  public init(_ settings: AuditSettings = AuditSettings(), threads: Int? = nil) {
    self.settings = settings
    self.threads = threads ?? customaryThreads
  }

  /// Audits a model.
  ///
  /// - Parameters:
  ///   - views: What the adversaries look at, of n rows each, in the same order. The rows must be held out: what a model
  ///     has memorised of its training rows is another question.
  ///   - attributes: The sensitive attributes, of n codes each; −1 where a row's group is missing.
  ///   - weights: The rows' weights, finite and at least 0, or nil where all are 1. Rows of weight 0 are left out.
  ///   - game: What is known of the game's own adversary.
  /// - Returns: The results. What cannot be had (one group only, too few rows, a view that is constant or not finite)
  ///   has a reason in its place.
  /// - Precondition: Views, attributes, weights and the game's scores have equally many rows.
  public func callAsFunction(
    views: [AuditView], attributes: [GroupColumn], weights: [Double]? = nil, game: [GameAdversary] = []
  ) -> AuditReport {
    let given = attributes.first?.codes.count ?? views.first?.values.rows ?? 0
    precondition(
      views.allSatisfy { $0.values.rows == given } && attributes.allSatisfy { $0.codes.count == given }
        && (weights?.count ?? given) == given,
      "FreshAdversaryAudit: views, attributes and weights have different numbers of rows")
    if let weights, let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      let reason = "the weight of row \(row) is negative or not finite"
      return AuditReport(
        rows: 0, rowsGiven: given, settings: settings,
        attributes: attributes.map { .init(name: $0.name, verdict: .undetermined, reason: reason) })
    }
    let rows = AuditRows(attributes, rows: given, weights: weights, settings: settings)
    let prepared = Parallel.map(views.count, threads: threads) { PreparedView(views[$0], positions: rows.positions) }
    let fits = AdversaryFits(rows: rows, views: prepared, settings: settings, threads: threads)
    let (scores, same) = fits.scores()
    let analysis = AuditAnalysis(
      rows: rows, views: prepared, settings: settings, threads: threads, scores: scores, same: same)
    return AuditReport(
      rows: rows.count, rowsGiven: given, settings: settings,
      attributes: attributes.indices.map { index in
        analysis.audit(attribute: index, game: game.last { $0.attribute == attributes[index].name })
      })
  }
}

extension AttributeAudit {
  init(name: String, verdict: Verdict, reason: String) {
    self.init(
      name: name, verdict: verdict, reason: reason, groups: [], missingRows: 0, gameAdversary: nil, adversaries: [])
  }
}
