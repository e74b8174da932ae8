import OrderedJSON

/// The questions of the five steps from the problem to the use, which nobody but a model's makers can answer.
///
/// Their answers stand in the configuration under `card`, are kept with the run, and are printed in the model card and the
/// report; a question without an answer is printed too, for it tells more than a gap that is not seen.
public struct Questionnaire: Sendable, Hashable {
  /// A question.
  public struct Question: Sendable, Hashable {
    /// Its key in the configuration.
    public let key: String
    /// The question itself.
    public let text: String
  }

  /// A step of the work, which can be gone back to.
  public struct Step: Sendable, Hashable {
    /// Its key in the configuration.
    public let key: String
    /// What is done in it.
    public let title: String
    public let questions: [Question]
  }

  /// What stands in the place of an answer that was not given.
  public static let notAnswered = "not answered"

  /// Who answers for the model, and under what terms it may be used.
  public static let maker = Step(
    key: "maker", title: "Who made it",
    questions: [
      Question(key: "owner", text: "Who answers for the model?"),
      Question(key: "contact", text: "How can they be reached?"),
      Question(key: "license", text: "Under what terms may it be used?"),
    ])

  /// The five steps.
  public static let steps = [
    Step(
      key: "problem", title: "Define the problem",
      questions: [
        Question(key: "purpose", text: "What is being built, and to what end?"),
        Question(key: "audience", text: "For whom is it meant?"),
        Question(key: "use", text: "How will it be used, and who decides with it?"),
        Question(key: "failure", text: "What happens to people where it fails?"),
        Question(key: "need", text: "Is a learned model worth having here, and what would do without one?"),
      ]),
    Step(
      key: "data", title: "Collect and prepare the data",
      questions: [
        Question(key: "represents", text: "Whom do the data stand for, and who of those concerned is missing?"),
        Question(key: "collection", text: "How were the rows sampled, collected and labelled?"),
        Question(key: "privacy", text: "How is the privacy of those in the data kept?"),
        Question(key: "bias", text: "What biases lie in the data, and in the label?"),
      ]),
    Step(
      key: "training", title: "Build and train",
      questions: [
        Question(key: "privacy", text: "What was done for privacy in training?"),
        Question(key: "fairness", text: "What was done for the groups in training, and why in this way?"),
      ]),
    Step(
      key: "evaluation", title: "Evaluate",
      questions: [
        Question(key: "privacy", text: "How was it tested what the model gives away of the rows it learnt from?"),
        Question(key: "coverage", text: "How does it do across all whom it will meet, beyond the groups measured?"),
        Question(key: "failures", text: "Where does it fail, for example, and why?"),
      ]),
    Step(
      key: "deployment", title: "Deploy and monitor",
      questions: [
        Question(key: "time", text: "How will its performance over time be watched?"),
        Question(key: "scenarios", text: "How does it do in other circumstances than those of the data?"),
        Question(key: "improvement", text: "Who follows up what is found, and how is the model mended or withdrawn?"),
      ]),
  ]

  private let answers: JSON?

  /// The answers of a configuration.
  public init(configuration: JSON) { answers = configuration["card"] }

  /// The answer to a question; nil where there is none.
  public func answer(_ step: Step, _ question: Question) -> String? {
    guard let text = answers?[step.key]?[question.key]?.text, text.contains(where: { !$0.isWhitespace }) else {
      return nil
    }
    return text
  }

  /// The answer to a question by its keys, or "not answered".
  public func text(_ step: String, _ question: String) -> String {
    guard let step = (Self.steps + [Self.maker]).first(where: { $0.key == step }),
      let question = step.questions.first(where: { $0.key == question })
    else { preconditionFailure("Questionnaire: no question \(step).\(question)") }
    return answer(step, question) ?? Self.notAnswered
  }

  /// How many of the five steps' questions are answered, and how many there are.
  public var count: (answered: Int, all: Int) {
    let all = Self.steps.flatMap { step in step.questions.map { answer(step, $0) } }
    return (all.count { $0 != nil }, all.count)
  }
}
