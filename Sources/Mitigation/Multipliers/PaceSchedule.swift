import RealModule

/// How both players' learning rates change over the epochs of a game, on top of what their optimizers do step by step.
public enum PaceSchedule: String, Sendable, Hashable, Codable, CaseIterable {
  /// The rates stay.
  case constant
  /// The rates are divided by the epoch t, from 1: to go with λ·√t.
  case inverseTime
  /// The rates fall along half a cosine, from all at the first epoch towards 0 after the last.
  case cosine

  /// What the learning rates are multiplied by, > 0.
  ///
  /// - Parameters:
  ///   - step: The epoch, from 0.
  ///   - steps: The number of epochs of the game.
  /// - Source: Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593, for 1/t.
  public func factor(step: Int, of steps: Int) -> Double {
    switch self {
    case .constant: 1
    case .inverseTime: 1 / Double(step + 1)
    case .cosine: (1 + Double.cos(Double.pi * Double(step) / Double(max(1, steps)))) / 2
    }
  }
}
