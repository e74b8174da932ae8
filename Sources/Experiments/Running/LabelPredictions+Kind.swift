import RunRecords
import TabularData

extension LabelPredictions {
  /// What is predicted of a label; nil where it is 0 or 1.
  init?(_ kind: LabelKind) {
    switch kind {
    case .binary: return nil
    case .categorical(let classes): self = .classes(classes)
    case .continuous: self = .numbers
    }
  }
}
