import Autograd
import LinearAlgebra

/// What a penalty may look at, for one batch of rows.
public struct PenaltyView<Scalar: EngineScalar> {
  /// The classifier's output before the sigmoid, `[n, 1]`.
  public let logits: Tensor<Scalar>

  /// The labels, 0 or 1, `[n, 1]`.
  public let labels: Tensor<Scalar>

  /// The groups, `[n, g]`: 1 in the column of the row's group, 0 elsewhere, and everywhere where it is missing.
  public let membership: Tensor<Scalar>

  /// The classifier's output for each row's counterfactual, `[n, 1]`: the row as it would be in another group.
  public let counterfactualLogits: Tensor<Scalar>?

  /// - Precondition: All have n rows; there are two groups or more.
  public init(
    logits: Tensor<Scalar>, labels: Tensor<Scalar>, membership: Tensor<Scalar>,
    counterfactualLogits: Tensor<Scalar>? = nil
  ) {
    precondition(
      logits.columns == 1 && labels.columns == 1 && labels.rows == logits.rows && membership.rows == logits.rows
        && membership.columns > 1,
      "PenaltyView: logits, labels and membership of \(logits.rows), \(labels.rows) and \(membership.rows) rows")
    self.logits = logits
    self.labels = labels
    self.membership = membership
    self.counterfactualLogits = counterfactualLogits
  }

  /// `σ(logits)`, `[n, 1]`.
  public var probabilities: Tensor<Scalar> { sigmoid(logits) }

  /// Which rows a penalty is about, as membership with zeros in the other rows.
  func membership(_ rows: Penalty.Rows) -> Tensor<Scalar> {
    switch rows {
    case .all: membership
    case .positive: membership * labels
    case .negative: membership * labels.scaled(by: -1).shifted(by: 1)
    }
  }
}

/// The groups of a batch as means and pairs: `[1, g]` and `[1, p]` for the p pairs of different groups.
///
/// A group without rows in the batch has no mean; the pairs that it belongs to are left out of what is averaged.
struct GroupPairs<Scalar: EngineScalar> {
  /// Membership divided by the group's rows: each column sums to 1, or is 0 where there are none.
  let shares: Tensor<Scalar>

  /// `[g, p]`: 1 for the first group of a pair, −1 for the second.
  let differences: Tensor<Scalar>

  /// 1 for the pairs whose groups have rows, else 0.
  private let present: Tensor<Scalar>

  init(_ membership: Tensor<Scalar>) {
    let groups = membership.columns
    let counts = membership.sum(over: .rows)
    // Counts are whole numbers, so that min(1, count) tells whether there are any.
    let isEmpty = relu(counts.scaled(by: -1).shifted(by: 1))
    shares = membership * reciprocal(counts + isEmpty)
    let pairs = (0..<groups).flatMap { a in ((a + 1)..<max(a + 1, groups)).map { (a, $0) } }
    var signs = Matrix<Scalar>(rows: groups, columns: pairs.count, repeating: 0)
    var members = signs
    for (column, pair) in pairs.enumerated() {
      (signs[pair.0, column], signs[pair.1, column]) = (1, -1)
      (members[pair.0, column], members[pair.1, column]) = (1, 1)
    }
    differences = .constant(signs)
    let some = isEmpty.scaled(by: -1).shifted(by: 1)
    present = relu(matmul(some, .constant(members)).shifted(by: -1))
  }

  /// The mean of a number for each pair, over the pairs that are there; 0 where none is.
  func mean(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    let count = present.sum()
    return (values * present).sum() * reciprocal(count + relu(count.scaled(by: -1).shifted(by: 1)))
  }

  /// The mean over the pairs of `|mean_a(x) − mean_b(x)|`, for x `[n, 1]`.
  func gap(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    mean(abs(matmul(matmul(x, shares, transposingA: true), differences)))
  }
}
