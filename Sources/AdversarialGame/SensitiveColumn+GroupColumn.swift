import FairnessMetrics
import TabularData

extension SensitiveColumn {
  /// The column as metrics read it.
  package var groupColumn: GroupColumn { GroupColumn(name: name, groups: groups, codes: codes) }
}
