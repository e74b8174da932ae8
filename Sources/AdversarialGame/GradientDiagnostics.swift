import RealModule

/// How the two gradients of the classifier stood to each other in an epoch of the game.
public struct GradientDiagnostics: Sendable, Hashable {
  /// The angle between g_y and g_z over all parameters, in degrees, 0...180: the mean over the epoch's steps. Below 90 a
  /// step on the label alone would help the adversary too. Nil where one of them was 0 in every step.
  public var angle: Double?

  /// `‖p‖²/‖g_y‖²`, p being what the projection takes out of g_y: the mean over the steps; in 0...1 but for
  /// `eachTensorByInnerSums`. Nil where nothing is projected, or g_y was 0 in every step.
  public var removedShare: Double?

  /// The adversary's loss for each attribute over the training rows, in nats where it is a cross-entropy, without weights.
  public var adversaryLosses: [Double] = []

  /// H(z) of each attribute over the same rows, in nats, given the label where the adversary sees it: no guess that
  /// ignores the prediction has a smaller mean cross-entropy. A loss well below it is what the adversary still reads.
  /// Nil of a continuous attribute, which has no groups.
  public var entropies: [Double?] = []
}

/// Sums of diagnostics over the steps of an epoch.
package struct GradientTally {
  private var angles = 0.0
  private var angleSteps = 0
  private var shares = 0.0
  private var shareSteps = 0

  package init() {}

  private var isEmpty: Bool { angleSteps == 0 && shareSteps == 0 }

  /// Adds a step: squared lengths of g_y, of g_z and of what was taken out, and the product of the first two.
  mutating func add(labelSquare: Double, adversarySquare: Double, product: Double, removedSquare: Double?) {
    let scale = (labelSquare * adversarySquare).squareRoot()
    if scale > 0 {
      angles += Double.acos(min(1, max(-1, product / scale))) * 180 / .pi
      angleSteps += 1
    }
    if let removedSquare, labelSquare > 0 {
      shares += removedSquare / labelSquare
      shareSteps += 1
    }
  }

  /// The means; nil where no step was added.
  package var diagnostics: GradientDiagnostics? {
    isEmpty
      ? nil
      : GradientDiagnostics(
        angle: angleSteps > 0 ? angles / Double(angleSteps) : nil,
        removedShare: shareSteps > 0 ? shares / Double(shareSteps) : nil)
  }
}
