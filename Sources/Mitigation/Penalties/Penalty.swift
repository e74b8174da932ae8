import Autograd
import LinearAlgebra

/// A term that is added to the classifier's loss and grows with what its predictions give away: no adversary, no
/// constraint, a number with a gradient.
///
/// Rows count once each, whatever their weights; rows whose group is missing do not count. With more than two groups a
/// comparison of two is averaged over all pairs; groups without rows in a batch are left out, so batches should be
/// large enough to hold all (hundreds of rows). ŷ = σ(logit).
public enum Penalty: Sendable, Hashable, Codable {
  /// Rows by label.
  public enum Rows: String, Sendable, Hashable, Codable, CaseIterable {
    case all
    case positive
    case negative
  }

  /// How alike two predictions are.
  public enum Kernel: Sendable, Hashable, Codable {
    /// `exp(−(a − b)²/length²)`.
    case gaussian(length: Double = 0.1)
    /// `exp(−|a − b|/length)`.
    case laplacian(length: Double = 0.1)

    var length: Double {
      switch self {
      case .gaussian(let length), .laplacian(let length): length
      }
    }
  }

  /// How far two logits are apart.
  public enum Distance: String, Sendable, Hashable, Codable, CaseIterable {
    case absolute
    case squared
  }

  /// `|mean ŷ(a) − mean ŷ(b)|`: the difference of mean predictions, DiffDP.
  ///
  /// - Source: Chuang and Mroueh (2021), arXiv:2103.06503; the benchmark FFB, arXiv:2306.09468.
  case demographicParityGap

  /// The same for rows with label 1, DiffEOpp.
  case equalOpportunityGap

  /// The same for rows with label 0 and for rows with label 1, added, DiffEOdd.
  case equalizedOddsGap

  /// The squared maximum mean discrepancy between the predictions of two groups, MinDiff:
  /// `mean K(a, a) − 2·mean K(a, b) + mean K(b, b)`. On negative rows it pulls false positive rates together, on positive
  /// ones false negative rates.
  ///
  /// - Source: Prost et al. (2019), arXiv:1910.11779; a length about the standard deviation of the predictions is a good
  ///   start. Lengths are of probabilities.
  case meanDiscrepancy(Kernel = .gaussian(), rows: Rows = .all)

  /// The Hilbert-Schmidt independence criterion of predictions and groups: `tr(L·H·K·H)/(m − 1)²` for m rows, with K the
  /// Gaussian kernel `exp(−d²/width)` of the predictions, L that of the groups (d = 1 for different ones, 0 for equal
  /// ones), and `H = I − 11ᵀ/m`.
  ///
  /// - Source: Gretton et al. (2005), ALT; as a penalty Pérez-Suay et al. (2017), arXiv:1710.05578, with FFB's kernel.
  case independence(width: Double = 1)

  /// The mutual information of decision and group in nats, the prejudice remover:
  /// `Σ_s P(s)·Σ_y P(y | s)·ln(P(y | s)/P(y))`, with P(y = 1 | s) and P(y = 1) means of ŷ over the batch.
  ///
  /// Kamishima's regulariser is this sum times the number of rows; per row it does not depend on the batch's size.
  ///
  /// - Source: Kamishima, Akaho, Asoh and Sakuma (2012), ECML PKDD, eq. 6.
  case mutualInformation

  /// `|corr(z, ŷ)|` for the indicator z of a group, averaged over the groups where there are more than two. Under the
  /// root of the denominator stands 1e-7 beside the product of variances, for its derivative at 0.
  ///
  /// - Source: Beutel et al. (2019), arXiv:1901.04562.
  case absoluteCorrelation

  /// The mean distance between the logit of a row and that of its counterfactual: counterfactual logit pairing.
  ///
  /// - Source: Garg et al. (2019), arXiv:1809.10610, eq. 3.
  case counterfactualPairing(Distance = .absolute)

  /// Whether each row needs its counterfactual.
  public var needsCounterfactuals: Bool {
    if case .counterfactualPairing = self { true } else { false }
  }

  /// Refuses what no number can be computed with.
  ///
  /// - Throws: `MitigationError.settings` for a kernel without width.
  public func check() throws(MitigationError) {
    let width: Double? =
      switch self {
      case .meanDiscrepancy(let kernel, _): kernel.length
      case .independence(let width): width
      default: nil
      }
    if let width, !(width > 0 && width.isFinite) {
      throw .settings("the kernel's width is \(width); it must be above 0, and finite.")
    }
  }

  /// The penalty of a batch, `[1, 1]`, at least 0.
  ///
  /// - Precondition: `check()` passes; counterfactual logits are there where they are needed.
  public func callAsFunction<Scalar>(_ view: PenaltyView<Scalar>) -> Tensor<Scalar> {
    let predictions = view.probabilities
    switch self {
    case .demographicParityGap: return GroupPairs(view.membership).gap(predictions)
    case .equalOpportunityGap: return GroupPairs(view.membership(.positive)).gap(predictions)
    case .equalizedOddsGap:
      return GroupPairs(view.membership(.negative)).gap(predictions)
        + GroupPairs(view.membership(.positive)).gap(predictions)
    case .meanDiscrepancy(let kernel, let rows):
      return PenaltyTerms.meanDiscrepancy(predictions, view.membership(rows), kernel)
    case .independence(let width): return PenaltyTerms.independence(predictions, view.membership, width)
    case .mutualInformation: return PenaltyTerms.mutualInformation(predictions, view.membership)
    case .absoluteCorrelation: return PenaltyTerms.absoluteCorrelation(predictions, view.membership)
    case .counterfactualPairing(let distance):
      guard let twins = view.counterfactualLogits else {
        preconditionFailure("counterfactualPairing: there are no logits of counterfactuals")
      }
      let difference = view.logits - twins
      return (distance == .absolute ? abs(difference) : square(difference)).mean()
    }
  }
}
