/// A part of the rows.
public enum SplitName: String, CaseIterable, Sendable, Hashable {
  case train
  case validation
  case test
}

/// A stage of training, as a line of `epochs.jsonl` names it.
public enum TrainingPhase: String, CaseIterable, Sendable, Hashable {
  /// The classifier alone.
  case classifier
  /// The adversary alone, on the frozen classifier.
  case adversary
  /// Both against each other.
  case game
}

/// A state of the classifier that the summary tells about.
public enum SummaryPhase: String, CaseIterable, Sendable, Hashable {
  /// After pre-training, before the game.
  case pretrained
  /// The iterate that was chosen, where one was.
  case selected
  /// After the last epoch.
  case final
}
