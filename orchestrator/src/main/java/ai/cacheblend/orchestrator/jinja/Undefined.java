package ai.cacheblend.orchestrator.jinja;

/**
 * The value of a variable or attribute that does not exist. It is false, empty and prints as
 * nothing; its attributes are errors.
 *
 * @param name for messages
 */
record Undefined(String name) {}
