" Private code completion: Ctrl-L in insert mode fills in at the cursor what fits between the code before it and behind it; u takes it back.
" In your vimrc:  source /path/to/this/demarc.vim      It needs a Vim with +python3 (Debian: vim-nox) and the .venv that ./run makes.
let s:here = expand('<sfile>:p:h')
python3 << EOF
import os, sys, vim
sys.path.insert(0, f"{vim.eval('s:here')}/.venv/lib/python3.{sys.version_info.minor}/site-packages")
import openai

CONTEXT = 6000    # characters before the cursor, and half as many behind it
demarc = openai.OpenAI(base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8414/v1"), api_key="unused", timeout=60, max_retries=0)

def demarc_fill():
    buffer, (row, column) = vim.current.buffer, vim.current.window.cursor
    line = buffer[row - 1].encode()
    before = "\n".join([*buffer[:row - 1], line[:column].decode()])
    after = "\n".join([line[column:].decode(), *buffer[row:]])
    try:
        answer = demarc.completions.create(model="workload/editor", prompt=before[-CONTEXT:], suffix=after[:CONTEXT // 2] or "\n", max_tokens=64, temperature=0, stop=["\n\n"],
                                           extra_headers={"Demarc-Path": vim.eval("expand('%:.')"), "Demarc-Session": f"vim-{vim.eval('getpid()')}"})
    except openai.OpenAIError as error:
        print(f"demarc: {error}", file=sys.stderr)
        return
    new = (line[:column] + answer.choices[0].text.rstrip().encode()).decode().split("\n")
    end = len(new[-1].encode())
    buffer[row - 1:row] = [*new[:-1], new[-1] + line[column:].decode()]
    vim.current.window.cursor = (row + len(new) - 1, end)
EOF
inoremap <silent> <C-l> <Cmd>python3 demarc_fill()<CR>
