// msgpackr asks for its native extractor with require() and goes on without it when it gets none.
module.exports = {};
