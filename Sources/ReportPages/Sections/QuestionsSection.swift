import RunRecords

/// The questions that only people can answer, with the answers of the configuration.
struct QuestionsSection {
  let run: RunReport

  var markup: Markup {
    let questions = Questionnaire(configuration: run.configuration)
    let (answered, all) = questions.count
    let steps = Questionnaire.steps.enumerated().map { number, step in
      self.step("Step \(number + 1): \(step.title.lowercased())", step, questions)
    }
    return Part.section(
      "answers", "Questions to its makers",
      """
      <p>No number answers these. Of \(all) questions, \(answered) \(answered == 1 ? "is" : "are") answered\(answered < all ? "; the answers go into the configuration, under <code>card</code>" as Markup : "").</p>
      \(steps.joined())\(step(Questionnaire.maker.title, Questionnaire.maker, questions))
      """)
  }

  private func step(_ title: String, _ step: Questionnaire.Step, _ questions: Questionnaire) -> Markup {
    let items = step.questions.map { question -> Markup in
      let answer = questions.answer(step, question)
      return """
        <dt>\(question.text)</dt><dd\(answer == nil ? " class=\"none\"" as Markup : "")>\(answer ?? Questionnaire.notAnswered)</dd>

        """
    }
    return "<h3>\(title)</h3>\n<dl class=\"answers\">\n\(items)</dl>\n"
  }
}
