import RealModule

/// How λ changes over a training, where it is not sought by a `LambdaController`.
public enum LambdaSchedule: String, Sendable, Hashable, Codable, CaseIterable {
  /// λ throughout.
  case constant
  /// `λ · (2/(1 + exp(−10·p)) − 1)`, p being the progress from 0 to 1: Ganin's ramp.
  case ramp
  /// `λ · √t` at step t from 1, to go with a learning rate that falls as 1/t: Zhang's schedule.
  case squareRoot

  /// What λ is multiplied by.
  ///
  /// - Parameters:
  ///   - step: The step, from 0.
  ///   - steps: The number of steps of the training.
  /// - Source: Ganin and Lempitsky (2015), arXiv:1409.7495; Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593.
  public func factor(step: Int, of steps: Int) -> Double {
    switch self {
    case .constant: 1
    case .ramp: 2 / (1 + .exp(-10 * Double(step) / Double(max(1, steps - 1)))) - 1
    case .squareRoot: Double(step + 1).squareRoot()
    }
  }
}
