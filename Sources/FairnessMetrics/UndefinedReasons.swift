// The reasons that several statistics share, so that one cause is told in one wording.

let scoreIsNaN = "a score is not a number"
let weightIsInvalid = "a weight is negative or not finite"

/// Why a statistic that compares positive and negative rows does not exist, or nil where it does.
func missingClass<Count: Numeric & Comparable>(positives: Count, negatives: Count) -> String? {
  if positives == 0 && negatives == 0 { return "there are no rows" }
  if positives == 0 { return "no row has a positive label" }
  if negatives == 0 { return "no row has a negative label" }
  return nil
}
