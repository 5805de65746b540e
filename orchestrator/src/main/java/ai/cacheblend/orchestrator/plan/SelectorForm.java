package ai.cacheblend.orchestrator.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.Immutable;
import java.util.Set;

/** Text and JSON form of the selectors of one {@link SelectorKind}. */
@Immutable
interface SelectorForm {

  /** The text form, for help texts and messages. */
  String usage();

  Selector parse(ArmText text, ArmDefaults defaults);

  /** The text form, without values that equal {@code defaults}, except the share. */
  ArmText print(Selector selector, ArmDefaults defaults);

  /** The JSON fields beside {@code method} and {@code selector}. */
  Set<String> fields();

  /** Absent fields have the values of {@code defaults}. */
  Selector read(JsonFields json, ArmDefaults defaults);

  /** Writes all of {@link #fields} that apply. */
  void write(Selector selector, ObjectNode json);
}
