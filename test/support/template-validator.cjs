// Stands in for @aws/cloudformation-validate in tests: the same validator, whose engine all files of a worker share.
module.exports = globalThis.templateValidator()
